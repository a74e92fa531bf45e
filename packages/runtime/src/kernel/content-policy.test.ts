import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import { type ContentLevel, contentPolicyOf, requireContentLevel, requireContentPolicy, stricter } from './content-policy.ts';

afterEach(() => diag.disable());

function recordWarnings(): string[] {
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: ignore, warn: (message) => warnings.push(message), info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return warnings;
}

test.each([
  ['none', 'drop'],
  ['metadata', 'length'],
  ['full', 'pass'],
])('the level %s stands for a policy that decides %s', (level, decision) => {
  expect(requireContentPolicy('content', level)).toEqual({ content: decision });
});

test('a policy is copied and frozen', () => {
  const given = { content: 'truncate' as const, exceptions: 'length' as const, maxLength: 10, redact: (text: string) => text };
  const policy = requireContentPolicy('content', given);
  expect(policy).toEqual(given);
  expect(policy).not.toBe(given);
  expect(Object.isFrozen(policy)).toBe(true);
});

test.each([
  ['an unknown level', 'all', "content must be 'none', 'metadata', 'full' or a content policy, received 'all'"],
  ['nothing', null, "content must be 'none', 'metadata', 'full' or a content policy, received null"],
  ['a name that every object has', 'toString', "content must be 'none', 'metadata', 'full' or a content policy, received 'toString'"],
  ['a policy without a decision', {}, "content.content must be 'drop', 'length', 'truncate', 'pass', received undefined"],
  ['an unknown decision', { content: 'hash' }, "content.content must be 'drop', 'length', 'truncate', 'pass', received 'hash'"],
  [
    'an unknown decision about exceptions',
    { content: 'drop', exceptions: 'full' },
    "content.exceptions must be 'drop', 'length', 'truncate', 'pass', received 'full'",
  ],
  ['a length of zero', { content: 'drop', maxLength: 0 }, 'content.maxLength must be a whole number of at least 1, received 0'],
  ['a redactor that is no function', { content: 'drop', redact: /x/ }, 'content.redact must be a function, received /x/'],
  [
    'a misspelt option',
    { content: 'drop', redactor: () => '' },
    'content.redactor is not an option: there are content, exceptions, maxLength, redact',
  ],
])('%s is refused with the value received', (_, given, message) => {
  expect(() => requireContentPolicy('content', given)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', message }));
});

test('a level that a call asks for is refused when there is none of that name', () => {
  expect(requireContentLevel('content', 'metadata')).toBe('metadata');
  expect(() => requireContentLevel('content', 'some')).toThrow("content must be 'none', 'metadata' or 'full', received 'some'");
});

const ours = 'TRACEWRIGHT_CONTENT';
const standard = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

test.each([
  ['nothing at all', undefined, {}, 'drop'],
  ['only the option', 'metadata', {}, 'length'],
  ['only our variable', undefined, { [ours]: 'metadata' }, 'length'],
  ['an option laxer than our variable', 'full', { [ours]: 'metadata' }, 'length'],
  ['an option stricter than our variable', 'none', { [ours]: 'full' }, 'drop'],
  ['an option and a variable that agree', 'full', { [ours]: 'full' }, 'pass'],
  ['an empty variable', 'full', { [ours]: '' }, 'pass'],
  ['our variable beside a laxer standard one', undefined, { [ours]: 'none', [standard]: 'true' }, 'drop'],
  ['our variable beside a stricter standard one', undefined, { [ours]: 'full', [standard]: 'false' }, 'pass'],
  ['an empty variable of ours beside the standard one', undefined, { [ours]: '', [standard]: 'true' }, 'pass'],
  ['a policy laxer than the environment', { content: 'truncate' }, { [ours]: 'metadata' }, 'length'],
  ['a policy stricter than the environment', { content: 'truncate' }, { [standard]: 'true' }, 'truncate'],
  ['the standard variable true', undefined, { [standard]: 'true' }, 'pass'],
  ['the standard variable TRUE with space', undefined, { [standard]: ' TRUE ' }, 'pass'],
  ['the standard variable SPAN_ONLY', undefined, { [standard]: 'SPAN_ONLY' }, 'pass'],
  ['the standard variable span_and_event', undefined, { [standard]: 'span_and_event' }, 'pass'],
  ['the standard variable false', 'full', { [standard]: 'False' }, 'drop'],
  ['the standard variable NO_CONTENT', 'full', { [standard]: 'NO_CONTENT' }, 'drop'],
  ['an empty standard variable', 'full', { [standard]: ' ' }, 'pass'],
])('G7: the stricter of option and environment holds, and nothing is open by itself: %s', (_, option, environment, decision) => {
  const warnings = recordWarnings();
  expect(contentPolicyOf(option, environment).content).toBe(decision);
  expect(warnings).toEqual([]);
});

test.each([
  ['EVENT_ONLY', 'content goes on spans and events alike here'],
  ['toString', 'it is not a value of this variable'],
  ['yes', 'it is not a value of this variable'],
])('G7: a standard variable %s that cannot be obeyed closes the gate, and is reported', (value, why) => {
  const warnings = recordWarnings();
  expect(contentPolicyOf('full', { [standard]: value }).content).toBe('drop');
  expect(warnings).toEqual([`tracewright: no content is recorded for ${standard}=${value.toLowerCase()}: ${why}`]);
});

test.each(['all', 'FULL', ' full', 'true'])('a variable of ours with the wrong value %j is refused by name', (value) => {
  expect(() => contentPolicyOf('none', { [ours]: value })).toThrow(
    expect.objectContaining({
      code: 'TW_BAD_OPTION',
      message: `TRACEWRIGHT_CONTENT must be 'none', 'metadata' or 'full', received '${value}'`,
    }),
  );
});

test('G7: what the environment makes stricter keeps the redactor, the lengths and what is said about exceptions', () => {
  const given = { content: 'pass', exceptions: 'truncate', maxLength: 10, redact: (text: string) => text };
  expect(contentPolicyOf(given, { [ours]: 'none' })).toEqual({ ...given, content: 'drop' });
});

const levels: readonly ContentLevel[] = ['none', 'metadata', 'full'];
const decisions = ['drop', 'length', 'truncate', 'pass'] as const;
const most = { none: 0, metadata: 1, full: 3 };

test.each(decisions.flatMap((decision) => levels.map((level) => [decision, level] as const)))(
  'G7: a policy that decides %s, asked for %s, exceeds neither',
  (decision, level) => {
    const policy = requireContentPolicy('content', { content: decision });
    const asked = stricter(policy, level);
    expect(decisions.indexOf(asked.content)).toBe(Math.min(decisions.indexOf(decision), most[level]));
    expect(asked === policy).toBe(decisions.indexOf(decision) <= most[level]);
  },
);
