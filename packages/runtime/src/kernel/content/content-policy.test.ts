import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import { type ContentLevel, contentPolicyOf, requireContentLevel, requireContentPolicy, decisionOf, stricter } from './content-policy.ts';

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
  ['nothing at all', { option: undefined, environment: {} }, 'drop'],
  ['only the option', { option: 'metadata', environment: {} }, 'length'],
  ['only our variable', { option: undefined, environment: { [ours]: 'metadata' } }, 'length'],
  ['an option laxer than our variable', { option: 'full', environment: { [ours]: 'metadata' } }, 'length'],
  ['an option stricter than our variable', { option: 'none', environment: { [ours]: 'full' } }, 'drop'],
  ['an option and a variable that agree', { option: 'full', environment: { [ours]: 'full' } }, 'pass'],
  ['an empty variable', { option: 'full', environment: { [ours]: '' } }, 'pass'],
  ['our variable beside a laxer standard one', { option: undefined, environment: { [ours]: 'none', [standard]: 'true' } }, 'drop'],
  ['our variable beside a stricter standard one', { option: undefined, environment: { [ours]: 'full', [standard]: 'false' } }, 'pass'],
  ['an empty variable of ours beside the standard one', { option: undefined, environment: { [ours]: '', [standard]: 'true' } }, 'pass'],
  ['a policy laxer than the environment', { option: { content: 'truncate' }, environment: { [ours]: 'metadata' } }, 'length'],
  ['a policy stricter than the environment', { option: { content: 'truncate' }, environment: { [standard]: 'true' } }, 'truncate'],
  ['the standard variable true', { option: undefined, environment: { [standard]: 'true' } }, 'pass'],
  ['the standard variable TRUE with space', { option: undefined, environment: { [standard]: ' TRUE ' } }, 'pass'],
  ['the standard variable SPAN_ONLY', { option: undefined, environment: { [standard]: 'SPAN_ONLY' } }, 'pass'],
  ['the standard variable span_and_event', { option: undefined, environment: { [standard]: 'span_and_event' } }, 'pass'],
  ['the standard variable false', { option: 'full', environment: { [standard]: 'False' } }, 'drop'],
  ['the standard variable NO_CONTENT', { option: 'full', environment: { [standard]: 'NO_CONTENT' } }, 'drop'],
  ['an empty standard variable', { option: 'full', environment: { [standard]: ' ' } }, 'pass'],
])('G7: the stricter of option and environment holds, and nothing is open by itself: %s', (_, { option, environment }, decision) => {
  const warnings = recordWarnings();
  expect(contentPolicyOf(option, environment).content).toBe(decision);
  expect(warnings).toEqual([]);
});

test.each([
  ['EVENT_ONLY', 'content goes on spans and events alike here'],
  ['constructor', 'it is not a value of this variable'],
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
    const asked = stricter(policy, decisionOf(level));
    expect(decisions.indexOf(asked.content)).toBe(Math.min(decisions.indexOf(decision), most[level]));
    expect(asked === policy).toBe(decisions.indexOf(decision) <= most[level]);
  },
);
