import { ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import { content, user } from 'tracewright';
import { plantCanaries, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { ContentGate } from './content-gate.ts';
import type { ContentDecision, ContentPolicy } from './content-policy.ts';
import { contentLimit, type ErrorGate, markContent, recordException, statusMessage } from '../exceptions.ts';
import type { LogEvent } from '../logs.ts';
import { errorTypeOf } from '../outcome.ts';
import { secretsOf } from './redaction.ts';

class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
}

const secret = 'what the patient said';

function gateOf(policy: ContentPolicy, isContent = true): ErrorGate {
  return { gate: ContentGate.of(policy, 16_384), isContent, secrets: undefined };
}

/** The event that an exception becomes, and its log record. */
function record(error: unknown, how: ErrorGate): { event: Record<string, unknown>; log: Record<string, unknown> } {
  using traces = recordTraces();
  const span = traces.tracer('test').startSpan('work');
  const events: LogEvent[] = [];
  const logs = { emit: (event: LogEvent) => events.push(event) };
  recordException({ span, context: ROOT_CONTEXT }, error, { ...how, signals: { spanEvents: true, logs: true }, logs, time: undefined });
  span.setStatus({ code: SpanStatusCode.ERROR, message: statusMessage(error, how) });
  span.end();
  const [event] = traces.find('work').events;
  return { event: { ...event?.attributes }, log: { ...events[0]?.attributes } };
}

test.each<[ContentDecision, status: string, message: string | undefined]>([
  ['drop', 'OutOfStock', undefined],
  ['length', '[21 characters]', '[21 characters]'],
  ['truncate', 'what the …', 'what the …'],
])('G7: an error that holds content, decided by %s, keeps its type and its frames', (decision, status, message) => {
  const how = gateOf({ content: decision, maxLength: 10 });
  const error = new OutOfStock(secret);
  expect(statusMessage(error, how)).toBe(status);
  const { event, log } = record(error, how);
  expect(log).toEqual(event);
  expect(event).toEqual({
    'exception.type': 'OutOfStock',
    ...(message === undefined ? {} : { 'exception.message': message }),
    'exception.stacktrace': expect.stringMatching(/^OutOfStock\n {4}at [^\n]*content-exceptions\.test\.ts:\d+:\d+\)?\n/),
  });
  expect(JSON.stringify(event)).not.toContain('patient');
});

test('an error that holds content is told whole where the policy lets content pass', () => {
  const how = gateOf({ content: 'pass' });
  const error = new OutOfStock(secret, { cause: new Error('the reason') });
  expect(statusMessage(error, how)).toBe(secret);
  expect(record(error, how).event).toEqual({
    'exception.type': 'OutOfStock',
    'exception.message': secret,
    'exception.stacktrace': expect.stringMatching(/^(?:OutOfStock|Error): what the patient said\n[^]*\nCaused by: Error: the reason\n/),
  });
});

test.each<[ContentDecision, status: string, message: string | undefined]>([
  ['drop', 'TypeError', undefined],
  ['length', '[21 characters]', '[21 characters]'],
  ['truncate', 'what the …', 'what the …'],
  ['pass', secret, secret],
])('an ordinary exception is told as the policy says of exceptions: %s', (exceptions, status, message) => {
  const how = gateOf({ content: 'drop', exceptions, maxLength: 10 }, false);
  const error = new TypeError(secret);
  expect([statusMessage(error, how), record(error, how).event['exception.message']]).toEqual([status, message]);
  expect(String(record(error, how).event['exception.stacktrace']).startsWith(`TypeError: ${secret}\n`)).toBe(exceptions === 'pass');
});

const stackWith = (header: string): string =>
  `${header}\n    at work (/app/work.ts:1:2)\n    at async Promise.all (index 0)\n    at <anonymous>`;
const frames = stackWith('Error');

function errorWith(message: string, stack: unknown): Error {
  return Object.assign(new Error(message), { stack });
}

test.each([
  [
    'whose message has several lines',
    errorWith(`${secret}\n    at home (x:1:1)\nyes`, stackWith(`Error: ${secret}\n    at home (x:1:1)\nyes`)),
    frames,
  ],
  ['with a code in its header', errorWith(secret, stackWith(`TypeError [ERR_INVALID]: ${secret}`)), frames],
  [
    'whose name was set after it was made',
    Object.assign(errorWith(secret, stackWith(`Error: ${secret}`)), { name: 'Late' }),
    stackWith('Late'),
  ],
  ['without a message', errorWith('', stackWith('Error')), frames],
  ['whose message was changed', errorWith('changed', stackWith(`Error: ${secret}`)), undefined],
  ['whose message was removed', errorWith('', stackWith(`Error: ${secret}`)), undefined],
  ['whose message was shortened', errorWith('what', stackWith(`Error: ${secret}`)), undefined],
  ['whose message was shortened to its first line', errorWith('first', stackWith(`Error: first\n${secret}`)), undefined],
  [
    'whose message was shortened, and looks like a frame',
    errorWith('first', stackWith('Error: first\n    at home they said so')),
    undefined,
  ],
  ['with a header of its own', errorWith(secret, stackWith(`-- ${secret} --`)), undefined],
  ['whose name is a sentence', errorWith(secret, stackWith(`${secret} failed: ${secret}`)), undefined],
  ['whose stack is only the header', errorWith(secret, `Error: ${secret}`), undefined],
  ['whose stack ends with text', errorWith(secret, `${stackWith(`Error: ${secret}`)}\n${secret}`), undefined],
  ['whose stack is no text', errorWith(secret, { toString: () => secret }), undefined],
  ['whose message is no text', Object.assign(new Error('x'), { message: { toString: () => secret } }), undefined],
  ['that is text', secret, undefined],
  ['that is an object', { message: secret, stack: stackWith(`Error: ${secret}`) }, undefined],
])('G7: of an error %s, only what is certain to be frames is told', (_, error, stack) => {
  const { event } = record(error, gateOf({ content: 'drop' }));
  expect(event).toEqual({ 'exception.type': errorTypeOf(error), ...(stack === undefined ? {} : { 'exception.stacktrace': stack }) });
});

test('G7: the causes of an error that holds content are told by type and frames, each for itself', () => {
  const inner = errorWith(secret, stackWith(`RangeError: ${secret}`));
  const changed = Object.assign(errorWith('changed', stackWith(`Error: ${secret}`)), { cause: inner });
  const outer = Object.assign(errorWith(`failed: ${secret}`, stackWith(`Error: failed: ${secret}`)), { cause: changed });
  expect(record(outer, gateOf({ content: 'drop' })).event['exception.stacktrace']).toBe(
    `${frames}\nCaused by: Error\nCaused by: ${frames}`,
  );
});

test('a very long stack is cut at a frame', () => {
  const long = errorWith(secret, `Error: ${secret}${'\n    at work (/app/work.ts:1:2)'.repeat(5000)}`);
  const how = { ...gateOf({ content: 'drop' }), gate: ContentGate.of({ content: 'drop' }, 1_000_000) };
  const stack = String(record(long, how).event['exception.stacktrace']);
  expect(stack.length).toBeGreaterThan(60_000);
  expect(stack.length).toBeLessThan(66_000);
  expect(stack.endsWith('    at work (/app/work.ts:1:2)')).toBe(true);
});

test('G9: an error that cannot be read is still told', () => {
  const hostile = new Proxy(new Error(secret), {
    get: () => {
      throw new Error(secret);
    },
  });
  for (const isContent of [true, false]) {
    const how = gateOf({ content: 'drop' }, isContent);
    expect([statusMessage(hostile, how), record(hostile, how).event['exception.type']]).toEqual([
      isContent ? '_OTHER' : 'an error that cannot be shown',
      '_OTHER',
    ]);
  }
});

function marked(): Error {
  const error = new Error(secret);
  markContent(error, 'pass');
  return error;
}

const wrappers: readonly (readonly [string, (error: unknown) => unknown])[] = [
  ['itself', (error) => error],
  ['a cause', (error) => new Error('failed', { cause: error })],
  ['a cause of a cause', (error) => new Error('failed', { cause: new Error('again', { cause: error }) })],
  ['an aggregate', (error) => new AggregateError([new Error('other'), error], 'all failed')],
  [
    'a suppressed error',
    (error) => Object.assign(new Error('while closing'), { name: 'SuppressedError', error: new Error('x'), suppressed: error }),
  ],
  ['the error that suppressed another', (error) => Object.assign(new Error('while closing'), { error, suppressed: undefined })],
  ['an object that was thrown', (error) => ({ cause: error })],
];

test.each(wrappers)('G7: what an error that holds content becomes holds content: %s', (_, wrap) => {
  expect(contentLimit(wrap(marked()))).toBe('pass');
  expect(contentLimit(wrap(new Error('ordinary')))).toBeUndefined();
});

test.each(wrappers)('G7: what a thrown text that is content becomes holds content: %s', (_, wrap) => {
  markContent(secret, 'pass');
  expect(contentLimit(wrap(secret))).toBe('pass');
  expect(contentLimit(wrap('other'))).toBeUndefined();
});

test('errors in a cycle, and of many in one aggregate, are judged', () => {
  const [one, other] = [new Error('one'), new Error('other')];
  one.cause = other;
  other.cause = one;
  expect(contentLimit(one)).toBeUndefined();
  expect(contentLimit(new AggregateError(Array.from({ length: 200 }, () => new Error('x'))))).toBeUndefined();
  markContent(one, 'pass');
  expect(contentLimit(other)).toBe('pass');
});

const endless = (): object => ({
  get cause() {
    return endless();
  },
});

test.each([
  [
    'has a cause that cannot be read',
    {
      get cause(): never {
        throw new Error('no');
      },
    },
  ],
  [
    'cannot be read at all',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    ),
  ],
  ['never ends', endless()],
  ['wraps more than can be looked at', new AggregateError(Array.from({ length: 1000 }, () => new Error('x')))],
])('G7: an error that %s is taken to hold content', (_, error) => {
  expect(contentLimit(error)).toBe('pass');
});

test.each(['', undefined, null, 42])('nothing is remembered of %j', (value) => {
  markContent(value, 'pass');
  expect(contentLimit(value)).toBeUndefined();
});

test.each([
  ['an ordinary name', 'OutOfStock', 'OutOfStock'],
  ['a name with dots and dashes', 'Aws.Sdk-Throttling$1', 'Aws.Sdk-Throttling$1'],
  ['a sentence, so the class counts', secret, 'TypeError'],
  ['a name that is too long', 'x'.repeat(101), 'TypeError'],
  ['a name of two lines', 'Name\n', 'TypeError'],
  ['no name', '', 'TypeError'],
])('G7: error.type is a name as programs have them: %s', (_, name, expected) => {
  expect(errorTypeOf(Object.assign(new TypeError('x'), { name }))).toBe(expected);
});

test('G7: an error whose code changes while it is read gives no text away', () => {
  const codes = ['ECONNREFUSED', 'ECONNREFUSED', secret];
  const error = Object.defineProperty(new Error('x'), 'code', { get: () => codes.shift() ?? secret });
  expect(errorTypeOf(error)).toBe('ECONNREFUSED');
});

test('G7: no form of a credential is left in what an error says', () => {
  const { values, search } = plantCanaries(['token']);
  const secrets = secretsOf(user('ada', { credentials: values.token }));
  const how = { gate: ContentGate.of({ content: 'pass' }, 16_384), isContent: false, secrets };
  const error = new Error(`refused ${values.token}`, { cause: new Error(JSON.stringify({ sent: values.token })) });
  expect(search(JSON.stringify([statusMessage(error, how), record(error, how)]))).toEqual([]);
});

test.each(wrappers)('G7: the credentials of a user are not told by the service around, to which the error came: %s', (_, wrap) => {
  const { values, search } = plantCanaries(['ada', 'bob']);
  const error = new Error(`refused ${values.ada} and ${values.bob}`);
  const gate = ContentGate.of({ content: 'pass' }, 16_384);
  const asUser = (name: 'ada' | 'bob'): ErrorGate => ({
    gate,
    isContent: false,
    secrets: secretsOf(user(name, { credentials: values[name] })),
  });
  statusMessage(error, asUser('ada'));
  statusMessage(error, asUser('bob'));
  const outer = wrap(error);
  const message = outer === error ? error.message : `failed: ${error.message}`;
  if (outer instanceof Error) outer.message = message;
  const asService = { gate, isContent: false, secrets: undefined };
  expect(search(JSON.stringify([statusMessage(outer, asService), record(outer, asService)]))).toEqual([]);
});

test('an error that is made once and thrown for everybody does not gather the credentials of all', () => {
  const tokens = Array.from({ length: 6 }, (_, index) => `token-of-user-${index}`);
  const error = new Error(tokens.join(' '));
  const gate = ContentGate.of({ content: 'drop' }, 16_384);
  for (const token of tokens) statusMessage(error, { gate, isContent: false, secrets: secretsOf(user('ada', { credentials: token })) });
  const hidden = Array.from({ length: 4 }, () => '[credentials]').join(' ');
  expect(statusMessage(error, { gate, isContent: false, secrets: undefined })).toBe(`token-of-user-0 token-of-user-1 ${hidden}`);
});

test('G7: by the runtime, an error that holds content stays dark on all spans that it reaches, wrapped or not', async () => {
  const { values, search } = plantCanaries(['prompt']);
  using traces = recordTraces();
  const work = traces.runtime().run('request', (scope) =>
    scope.run('answer', async (outer) => {
      try {
        await outer.run({ name: 'chat', carriesContent: true }, (chat) => {
          chat.set({ 'app.prompt': content(values.prompt), 'gen_ai.prompt': values.prompt });
          chat.event('asked', { prompt: content(values.prompt) });
          throw new RangeError(`too long: ${values.prompt}`);
        });
      } catch (cause) {
        throw new Error(`failed: ${String(cause)}`, { cause });
      }
    }),
  );
  await expect(work).rejects.toThrow(values.prompt);
  expect(search(traces.export())).toEqual([]);
  expect(traces.spans.map(({ name, status }) => [name, status.message])).toEqual([
    ['request', 'Error'],
    ['answer', 'Error'],
    ['chat', 'RangeError'],
  ]);
});
