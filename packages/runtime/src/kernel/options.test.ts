import { agent, createRuntime, operation, type Operation, service, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

// What a person may get wrong from JavaScript: each is given past the compiler.
const wrong = (value: unknown): never => value as never;

test.each([
  ['a body that is no function', { body: 42 }, 'body must be a function, received 42'],
  ['no operation', { operation: null }, 'operation must be a name or { name, … }, received null'],
  ['an empty name', { operation: '' }, "operation.name must be a non-empty string, received ''"],
  [
    'an unknown kind',
    { operation: { name: 'x', kind: 'serving' } },
    "operation.kind must be internal, server, client, producer, consumer, received 'serving'",
  ],
  [
    'a misspelt option of an operation',
    { operation: { name: 'x', atributes: {} } },
    'operation.atributes is not an option: there are name, kind, attributes, interceptors, links, root, carriesContent',
  ],
  [
    'an attribute that is an object',
    { operation: { name: 'x', attributes: { a: { b: 1 } } } },
    "operation.attributes['a'] must be a string, a finite number, a boolean, or an array of one of them, received { b: 1 }",
  ],
  [
    'an interceptor that is no function',
    { operation: { name: 'x', interceptors: ['retry'] } },
    "operation.interceptors[0] must be a function or { around?, item? }, received 'retry'",
  ],
  [
    'a link without a context',
    { operation: { name: 'x', links: [{}] } },
    'operation.links[0].context must be a span context with traceId and spanId, received undefined',
  ],
  ['attributes that are none', { options: { attributes: 'x' } }, "attributes must be an object of attribute values, received 'x'"],
  ['a principal by name', { options: { as: 'ada' } }, 'as must be a principal made by user(), service() or agent(), received a string'],
  [
    'an object that looks like a principal',
    { options: { as: { kind: 'user', id: 'ada' } } },
    'as must be a principal made by user(), service() or agent(), received an object with kind, id',
  ],
  [
    'a misspelt option of a call',
    { options: { principal: user('ada') } },
    'options.principal is not an option: there are as, attributes, signal, identity, join, link, content, hooks',
  ],
  [
    'an identity of another shape',
    { options: { identity: { 'component.name': 'x' } } },
    "identity must be 'clear', { extend: attributes } or { replace: attributes }, received { 'component.name': 'x' }",
  ],
  [
    'an identity with a wrong value',
    { options: { identity: { extend: { a: [1, 'b'] } } } },
    "identity.extend['a'] must be a string, a finite number, a boolean, or an array of one of them, received [ 1, 'b' ]",
  ],
  [
    'a signal that is none',
    { options: { signal: new AbortController() } },
    'signal must be an AbortSignal, received AbortController { signal: [AbortSignal] }',
  ],
])(
  '%s is refused with the value received, and leaves no span',
  async (_, given: { operation?: unknown; body?: unknown; options?: unknown }, message) => {
    using traces = recordTraces();
    const { operation: what = 'x', body = () => 1, options } = given;
    await expect(traces.runtime().run(wrong(what), wrong(body), wrong(options))).rejects.toMatchObject({ code: 'TW_BAD_OPTION', message });
    expect(traces.spans).toEqual([]);
  },
);

test.each([
  ['a principal without id', () => user(wrong(undefined)), 'user id must be a non-empty string, received undefined'],
  ['a service without id', () => service(''), "service id must be a non-empty string, received ''"],
  [
    'an agent for nobody',
    () => agent('bot', wrong(undefined)),
    'agent for must be a principal made by user(), service() or agent(), received undefined',
  ],
  [
    'a misspelt option of a user',
    () => user('ada', wrong({ mail: 'a@b' })),
    'user options.mail is not an option: there are email, credentials',
  ],
  [
    'an unknown option of a runtime',
    () => createRuntime(wrong({ contents: 'full' })),
    'options.contents is not an option: there are service, tracerProvider, meterProvider, loggerProvider, content, hooks, clock, limits, suppress',
  ],
  [
    'a tracer provider that is none',
    () => createRuntime({ tracerProvider: wrong({}) }),
    'tracerProvider must be an OpenTelemetry tracer provider, received {}',
  ],
  [
    'a content level that does not exist',
    () => createRuntime({ content: wrong('some') }),
    "content must be 'none', 'metadata', 'full' or a content policy, received 'some'",
  ],
  ['hooks that are no list', () => createRuntime({ hooks: wrong({}) }), 'hooks must be an array of hooks, received {}'],
  [
    'a negative limit',
    () => createRuntime({ limits: { linksPerSpan: -1 } }),
    'limits.linksPerSpan must be a whole number of at least 1, received -1',
  ],
  ['a stream body that is no function', () => createRuntime().stream('x', wrong([1])), 'body must be a function, received [ 1 ]'],
  [
    'a stream limit of zero',
    () => createRuntime().stream('x', () => [1], { timeoutMs: 0 }),
    'timeoutMs must be a positive, finite number, received 0',
  ],
  [
    'an operation without name',
    () => operation(wrong({ kind: 'client' })),
    'operation.name must be a non-empty string, received undefined',
  ],
  ['a definition without body', () => createRuntime().define('x', wrong(undefined)), 'body must be a function, received undefined'],
  [
    'a value that cannot be shown',
    () =>
      user(
        wrong(
          new Proxy(
            {},
            {
              get: () => {
                throw new Error('no');
              },
              ownKeys: () => {
                throw new Error('no');
              },
            },
          ),
        ),
      ),
    /^user id must be a non-empty string, received /,
  ],
])('%s is refused at once', (_, act, message) => {
  expect(act).toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION', message: message instanceof RegExp ? expect.stringMatching(message) : message }),
  );
});

test('an operation is frozen, and later changes of what it was made from change nothing', async () => {
  using traces = recordTraces();
  const attributes: Record<string, string> = { a: '1' };
  const made: Operation = operation({ name: 'x', attributes });
  attributes['a'] = '2';
  await traces.runtime().run(made, () => 1);
  expect(Object.isFrozen(made)).toBe(true);
  expect(traces.find('x').attributes).toMatchObject({ a: '1' });
});

test('an error about an option holds a code and data for programs', () => {
  expect(() => user('')).toThrow(
    expect.objectContaining({
      name: 'TracewrightError',
      code: 'TW_BAD_OPTION',
      data: { option: 'user id', expected: 'a non-empty string' },
    }),
  );
});
