import { inspect } from 'node:util';
import { cache, type Interceptor, operation, type Runtime, type Scope, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const token = 'tok-SECRET-123456789';
const ada = user('ada', { credentials: token });
const denied = (): never => {
  throw new Error(`denied for ${token}`);
};
const untilAborted = (scope: Scope): Promise<never> =>
  new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason), { once: true }));

/** Everything that the spans of `work` say. */
async function saidBy(
  work: (runtime: Runtime, abort: AbortController) => Promise<unknown>,
  suppress: readonly string[] = [],
): Promise<string> {
  using traces = recordTraces();
  await work(traces.runtime({ suppress: [...suppress] }), new AbortController()).catch(() => undefined);
  return inspect(traces.spans, { depth: 9, maxStringLength: null });
}

const ways: Record<string, (runtime: Runtime, abort: AbortController) => Promise<unknown>> = {
  'a child that was cancelled': (runtime, abort) =>
    runtime.run('outer', (scope) => {
      const inner = scope.run('inner', untilAborted, { as: ada, signal: abort.signal });
      abort.abort(new Error(`logout of ${token}`));
      return inner;
    }),
  'a child that was cancelled before it began': (runtime, abort) => {
    abort.abort(new Error(`logout of ${token}`));
    return runtime.run('outer', async (scope) => {
      const inner = scope.run('inner', () => 1, { as: ada, signal: abort.signal });
      await inner.catch((cause: unknown) => {
        throw new Error('nobody to ask', { cause });
      });
    });
  },
  'a stream that was cancelled': (runtime, abort) =>
    runtime.run('outer', async (scope) => {
      const items = scope.stream('inner', (own) => [untilAborted(own)], { as: ada, signal: abort.signal });
      const first = items.next();
      setImmediate(() => abort.abort(new Error(`logout of ${token}`)));
      return first;
    }),
  'a suppressed child': (runtime) => runtime.run('outer', (scope) => scope.run('suppressed', denied, { as: ada })),
  'a client that acts as somebody': (runtime) =>
    runtime.run('outer', async (scope) => scope.as(ada, { query: async () => denied() }).query()),
  'what runs in a scope of somebody': (runtime) => runtime.run('outer', (scope) => scope.as(ada).activate(denied)),
  'an interceptor that hands on the scope of somebody': (runtime) => {
    const asAda: Interceptor = (scope, next) => next(scope.as(ada));
    return runtime.run({ name: 'outer', interceptors: [asAda] }, denied);
  },
  'tries in the scope of somebody': (runtime) => {
    const asAda: Interceptor = (scope, next) => next(scope.as(ada));
    return runtime.run({ name: 'outer', interceptors: [asAda, (scope, next) => scope.run('try', () => next(scope))] }, denied);
  },
};

test.each(Object.entries(ways))('G7: credentials are hidden on the spans that an error comes to, out of %s', async (_, work) => {
  const said = await saidBy(work, ['suppressed']);
  expect(said).not.toContain(token);
  expect(said).toContain('outer');
});

/** A first caller that leaves, and another one whom the failure of the work reaches. */
async function leaderLeaves(runtime: Runtime, abort: AbortController, message: string): Promise<void> {
  const load = operation({ name: 'load', interceptors: [cache({ key: 'orders', ttlMs: 1000, shared: true })] });
  let go: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (go = resolve));
  const body = async (): Promise<never> => {
    await begun;
    throw new Error(message);
  };
  const first = runtime.run({ name: 'chat', carriesContent: true }, (scope) => scope.run(load, body, { as: ada, signal: abort.signal }));
  const second = runtime.run(load, body, { as: user('bob') });
  abort.abort(new Error('gone'));
  await first.catch(() => undefined);
  go();
  await second.catch(() => undefined);
}

test('G7: what a caller who left would not have told is not told by those who waited with it', async () => {
  const said = await saidBy((runtime, abort) => leaderLeaves(runtime, abort, `what the patient said to ${token}`));
  expect(said).not.toContain(token);
  expect(said).not.toContain('patient');
});

test.each([
  ['none', 'Error'],
  ['metadata', '[18 characters]'],
] as const)('G7: what a call shows at most, %s, holds for the spans that its error comes to', async (content, message) => {
  using traces = recordTraces();
  const runtime = traces.runtime({ content: 'full' });
  const said = (): never => {
    throw new Error('PROMPT-CANARY text');
  };
  await runtime.run('outer', (scope) => scope.run({ name: 'quiet', carriesContent: true }, said, { content })).catch(() => undefined);
  expect(traces.spans.map(({ status }) => status.message)).toEqual([message, message]);
  expect(inspect(traces.spans, { depth: 9 })).not.toContain('CANARY');
});
