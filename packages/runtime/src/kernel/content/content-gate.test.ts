import { diag, DiagLogLevel } from '@opentelemetry/api';
import { contentKeyPrefixes, contentKeys } from '@tracewright/conventions';
import { content, user } from 'tracewright';
import { afterEach, expect, test } from 'vitest';
import { ContentGate } from './content-gate.ts';
import type { ContentDecision, ContentPolicy, TextPlace } from './content-policy.ts';
import { secretsOf } from './redaction.ts';

afterEach(() => diag.disable());

function recordWarnings(): unknown[][] {
  const warnings: unknown[][] = [];
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: ignore, warn: (...all) => warnings.push(all), info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return warnings;
}

const gateOf = (policy: ContentPolicy, maxLength = 100): ContentGate => ContentGate.of(policy, maxLength);

const attributePlaces = ['attribute', 'event', 'metric'] as const;
const textPlaces = ['status', 'exception', 'log'] as const;
const text = 'tell me a story';

const decided: readonly (readonly [ContentDecision, attributes: object, text: string | undefined])[] = [
  ['drop', {}, undefined],
  ['length', { 'app.prompt.length': 15 }, '[15 characters]'],
  ['truncate', { 'app.prompt': 'tell …' }, 'tell …'],
  ['pass', { 'app.prompt': text }, text],
];

test.each(decided.flatMap(([decision, expected]) => attributePlaces.map((place) => [decision, place, expected] as const)))(
  'G7: marked content by %s as %s',
  (decision, place, expected) => {
    const gate = gateOf({ content: decision, maxLength: 6 });
    expect(gate.attributes({ 'app.prompt': content(text), 'app.model': 'small' }, place)).toEqual({ ...expected, 'app.model': 'small' });
  },
);

test.each(decided.flatMap(([decision, , expected]) => textPlaces.map((place) => [decision, place, expected] as const)))(
  'G7: text that is content by %s in %s',
  (decision, place, expected) => {
    expect(gateOf({ content: decision, maxLength: 6 }).text(text, { place, isContent: true })).toBe(expected);
  },
);

test.each(
  decided.flatMap(([decision, , expected]) =>
    (['status', 'exception', 'log', 'attribute', 'event', 'metric'] as const).map(
      (place: TextPlace) => [decision, place, place === 'status' || place === 'exception' ? expected : text] as const,
    ),
  ),
)('G7: ordinary text where exceptions are decided by %s, in %s', (exceptions, place, expected) => {
  expect(gateOf({ content: 'drop', exceptions, maxLength: 6 }).text(text, { place, isContent: false })).toBe(expected);
});

test.each([
  [{ content: 'pass', exceptions: 'length' }, '[15 characters]'],
  [{ content: 'length', exceptions: 'pass' }, '[15 characters]'],
  [{ content: 'truncate', exceptions: 'drop' }, undefined],
  [{ content: 'pass' }, text],
] as const)('G7: an exception that holds content obeys the stricter of both: %o', (policy, expected) => {
  expect(gateOf(policy).text(text, { place: 'exception', isContent: true })).toBe(expected);
});

test.each([...contentKeys, ...contentKeyPrefixes.map((prefix) => `${prefix}x`)])(
  'G7: what stands under %s is content, marked or not',
  (key) => {
    const values = [text, ['a', 'bc'], 12.5, true];
    const by = (decision: ContentDecision): unknown[] =>
      values.map((value) => gateOf({ content: decision, maxLength: 6 }).attributes({ [key]: value }, 'attribute'));
    const length = `${key}.length`;
    expect(by('drop')).toEqual([{}, {}, {}, {}]);
    expect(by('length')).toEqual([{ [length]: 15 }, { [length]: 3 }, { [length]: 4 }, { [length]: 4 }]);
    expect(by('truncate')).toEqual([{ [key]: 'tell …' }, { [key]: ['a', 'bc'] }, { [key]: 12.5 }, { [key]: true }]);
    expect(by('pass')).toEqual(values.map((value) => ({ [key]: value })));
  },
);

test('a key that only looks like one of content is ordinary', () => {
  const input = { 'gen_ai.request.model': 'small', 'db.query.summary': 'SELECT', 'db.query.parameter': 'none', '': 'empty' };
  expect(gateOf({ content: 'drop' }).attributes(input, 'attribute')).toEqual(input);
});

test('truncated content is shorter than ordinary text, and has 256 characters by default', () => {
  const long = 'x'.repeat(1000);
  const { prompt, other } = gateOf({ content: 'truncate' }, 500).attributes({ prompt: content(long), other: long }, 'attribute');
  expect([prompt, other]).toEqual([`${'x'.repeat(255)}…`, `${'x'.repeat(499)}…`]);
  expect(gateOf({ content: 'truncate', maxLength: 900 }, 500).attributes({ 'gen_ai.prompt': long }, 'event')).toEqual({
    'gen_ai.prompt': `${'x'.repeat(499)}…`,
  });
  expect(gateOf({ content: 'truncate', maxLength: 900 }, 500).text(long, { place: 'log', isContent: true })).toHaveLength(500);
  expect(gateOf({ content: 'truncate' }, 500).text(long, { place: 'status', isContent: true, maxLength: 10 })).toBe('xxxxxxxxx…');
});

test('a call may ask for less content and never gets more, and gates are made once', () => {
  const gate = gateOf({ content: 'truncate', maxLength: 6 });
  const shown = (['none', 'metadata', 'full', undefined] as const).map((level) =>
    gate.restrict(level).text(text, { place: 'log', isContent: true }),
  );
  expect(shown).toEqual([undefined, '[15 characters]', 'tell …', 'tell …']);
  expect(gate.restrict('full')).toBe(gate);
  expect(gate.restrict('none')).toBe(gate.restrict('none'));
  expect(gate.restrict('metadata').restrict('full')).toBe(gate.restrict('metadata'));
});

test('G10: long texts and arrays of texts are cut so that it shows', () => {
  const gate = gateOf({ content: 'drop' }, 10);
  expect(gate.attributes({ long: 'x'.repeat(11), many: ['12345', '12345678', 'rest'], fits: ['12345', '67890'] }, 'attribute')).toEqual({
    long: `${'x'.repeat(9)}…`,
    many: ['12345', '1234…'],
    fits: ['12345', '67890'],
  });
});

test('G9: wrong values are left out and reported, the others stay, and nothing is thrown', () => {
  const warnings = recordWarnings();
  const input = {
    good: 1,
    object: { a: 1 },
    mixed: ['a', 1],
    notANumber: Number.NaN,
    absent: undefined,
    get hostile(): string {
      throw new Error('what the patient said');
    },
  };
  expect(gateOf({ content: 'drop' }).attributes(input as never, 'attribute')).toEqual({ good: 1 });
  const left = 'it is not a string, a finite number, a boolean or an array of one of them';
  expect(warnings).toEqual([
    [`tracewright: attribute object was left out: ${left}`, ''],
    [`tracewright: attribute mixed was left out: ${left}`, ''],
    [`tracewright: attribute notANumber was left out: ${left}`, ''],
    ['tracewright: attributes were left out: reading them failed with Error', ''],
  ]);
  expect(gateOf({ content: 'drop' }).attributes(null as never, 'event')).toEqual({});
});

test('G7: what is put into an array after it was set does not pass the gate by', () => {
  const arrays = { empty: [] as string[], texts: ['a'], numbers: [1] };
  const accepted = gateOf({ content: 'drop' }).attributes(arrays, 'attribute');
  for (const array of Object.values<unknown[]>(arrays)) array.push('what the patient said');
  expect(accepted).toEqual({ empty: [], texts: ['a'], numbers: [1] });
});

test('G7: the redactor sees every text that leaves, where it leaves, before it is cut', () => {
  const seen: [string, TextPlace][] = [];
  const redact = (given: string, place: TextPlace): string => {
    seen.push([given, place]);
    return given.replaceAll('4111 1111', '****');
  };
  const gate = gateOf({ content: 'pass', redact }, 12);
  expect(
    gate.attributes({ card: 'paid by 4111 1111', list: ['4111 1111', 'b'], prompt: content('4111 1111!'), count: 3 }, 'event'),
  ).toEqual({
    card: 'paid by ****',
    list: ['****', 'b'],
    prompt: '****!',
    count: 3,
  });
  for (const place of textPlaces) expect(gate.text('x 4111 1111', { place, isContent: false })).toBe('x ****');
  expect(gate.cleaned('4111 1111', 'exception', undefined)).toBe('****');
  expect(seen.map(([given, place]) => `${place}: ${given}`)).toEqual([
    'event: paid by 4111 1111',
    'event: 4111 1111',
    'event: b',
    'event: 4111 1111!',
    'status: x 4111 1111',
    'exception: x 4111 1111',
    'log: x 4111 1111',
    'exception: 4111 1111',
  ]);
});

test('what does not leave is not shown to the redactor', () => {
  const seen: string[] = [];
  const redact = (given: string): string => {
    seen.push(given);
    return given;
  };
  for (const decision of ['drop', 'length'] as const)
    gateOf({ content: decision, redact }).attributes({ prompt: content(text) }, 'attribute');
  expect(seen).toEqual([]);
});

const failing: readonly (readonly [string, () => unknown, string])[] = [
  [
    'throws',
    () => {
      throw new TypeError(`cannot read ${text}`);
    },
    'the redactor failed with TypeError',
  ],
  ['gives a number', () => 42, 'the redactor gave no string but number'],
  ['gives nothing', () => undefined, 'the redactor gave no string but undefined'],
  ['gives null', () => null, 'the redactor gave no string but null'],
  ['gives a promise that rejects', () => Promise.reject(new Error(text)), 'the redactor gave no string but object'],
];

test.each(failing)('G7: the text of a redactor that %s is dropped, and that is reported without the text', (_, redact, why) => {
  const warnings = recordWarnings();
  const gate = gateOf({ content: 'pass', redact: redact as never });
  expect(gate.attributes({ a: text, b: [text], c: 1, d: content(text), 'gen_ai.prompt': text }, 'attribute')).toEqual({ c: 1 });
  expect(textPlaces.map((place) => gate.text(text, { place, isContent: false }))).toEqual([undefined, undefined, undefined]);
  expect(new Set(warnings.map(String))).toEqual(
    new Set([...textPlaces, 'attribute'].map((place) => `tracewright: a text (${place}) was left out: ${why},`)),
  );
});

test('of a very long text the redactor gets the beginning, and what it looks for is not left half at the cut', () => {
  const lengths: number[] = [];
  const redact = (given: string): string => {
    lengths.push(given.length);
    return given.replaceAll(/\d{16}/g, '#');
  };
  const gate = gateOf({ content: 'drop', redact }, 1000);
  // The numbers shrink so much that the end of what was scanned comes into view.
  const shown = gate.attributes({ long: '4111111111111111 '.repeat(4000) }, 'attribute')['long'];
  expect(lengths).toEqual([2024]);
  expect(shown).toMatch(/^(?:# ){100,}#?…$/);
});

test('a long text of which the redactor leaves nothing is what the redactor gave, and cut', () => {
  const gate = gateOf({ content: 'drop', redact: () => 'removed' }, 1000);
  expect(gate.attributes({ long: 'x'.repeat(5000) }, 'attribute')).toEqual({ long: 'removed…' });
});

test('G7: no credential is cut in half, wherever the cut comes to stand', () => {
  const token = 'tok_live_0123456789abcdef';
  const secrets = secretsOf(user('ada', { credentials: token }));
  const { length } = token;
  for (const maxLength of [20, 64]) {
    const gate = gateOf({ content: 'drop' }, maxLength);
    for (const redacting of [gate, gateOf({ content: 'drop', redact: (given) => `${given} ` }, maxLength)]) {
      for (let before = 0; before < maxLength + 1024 + 2 * length; before += 1) {
        const long = `${'-'.repeat(before)}${token}${'+'.repeat(3000)}`;
        const shown = String(redacting.attributes({ long }, 'attribute', secrets)['long']);
        expect(shown).not.toMatch(/tok_|abcdef/);
        expect(shown.length).toBeLessThanOrEqual(maxLength);
        expect(shown.endsWith('…')).toBe(true);
      }
    }
  }
});

test('G7: of a credential that is longer than what is shown, no piece is', () => {
  const token = 'abcdef0123456789'.repeat(200);
  const secrets = secretsOf(user('ada', { credentials: token }));
  for (let before = 0; before < 80; before += 7) {
    const long = `${'-'.repeat(before)}${token}${'+'.repeat(20_000)}`;
    const shown = gateOf({ content: 'drop' }, 64).attributes({ long, list: [long] }, 'attribute', secrets);
    expect(JSON.stringify(shown)).not.toMatch(/[a-f]\d/);
  }
});

test('what the redactor makes longer than can be scanned is cut so that it shows', () => {
  const gate = gateOf({ content: 'drop', redact: () => `Bearer ${'x'.repeat(2000)} and more` });
  expect(gate.text('short', { place: 'log', isContent: false })).toBe('Bearer [credentials]…');
});

test('G7: the credentials of whoever executes are in no attribute', () => {
  const secrets = secretsOf(user('ada', { credentials: '0123456789' }));
  const input = { plain: '0123456789', list: ['a', '0123456789'], prompt: content('0123456789'), number: 123456789 };
  for (const place of attributePlaces) {
    expect(gateOf({ content: 'pass' }).attributes(input, place, secrets)).toEqual({
      plain: '[credentials]',
      list: ['a', '[credentials]'],
      prompt: '[credentials]',
      number: 123456789,
    });
  }
});

test('G7: credentials are gone before the redactor sees a text, and from what it gives', () => {
  const token = 'tok_live_0123456789abcdef';
  const secrets = secretsOf(user('ada', { credentials: token }));
  const seen: string[] = [];
  const redact = (given: string): string => {
    seen.push(given);
    return `${given} and ${token} and Bearer abc.def`;
  };
  const gate = gateOf({ content: 'drop', redact });
  expect(gate.text(`with ${token}`, { place: 'log', isContent: false, secrets })).toBe(
    'with [credentials] and [credentials] and Bearer [credentials]',
  );
  expect(seen).toEqual(['with [credentials]']);
});
