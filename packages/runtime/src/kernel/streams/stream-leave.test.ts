import { diag } from '@opentelemetry/api';
import type { Interceptor } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { afterEach, expect, test } from 'vitest';

afterEach(() => diag.disable());

const silence = (): Promise<never> => new Promise(() => undefined);
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function* cleaning(cleanUp: () => unknown): AsyncGenerator<number> {
  try {
    yield* [1, 2, 3];
  } finally {
    await cleanUp();
  }
}

const failing = (): never => {
  throw new RangeError('cannot close');
};

test('G1: who leaves waits for the clean-up of the producer, then for the interceptors', async () => {
  using traces = recordTraces();
  const log: unknown[] = [];
  const slow: Interceptor = async (scope, next) => {
    const outcome = await next(scope);
    await nextTurn();
    await scope.run('after', () => log.push(outcome));
    return outcome;
  };
  const body = (): AsyncIterable<number> =>
    cleaning(async () => {
      await nextTurn();
      log.push('cleaned up');
    });
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [slow] }, body);
  for await (const _ of stream) break;
  expect(log).toEqual(['cleaned up', 'consumer_left']);
  expect(traces.render({ caller: false })).toBe(['rows  outcome consumer_left', '└─ after'].join('\n'));
});

test('G6: a clean-up that fails when the consumer leaves rejects next, and the return', async () => {
  using traces = recordTraces();
  const log: unknown[] = [];
  const noted: Interceptor = async (scope, next) =>
    next(scope).catch((error: unknown) => {
      log.push(error);
      throw error;
    });
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [noted] }, () => cleaning(failing));
  await stream.next();
  await expect(stream.return()).rejects.toThrow('cannot close');
  expect(log).toEqual([new RangeError('cannot close')]);
  expect(traces.find('rows')).toMatchObject({ status: { code: 'ERROR' }, attributes: { 'tracewright.outcome': 'error' } });
});

test('an interceptor may swallow a clean-up that fails: the consumer has left all the same', async () => {
  using traces = recordTraces();
  // What it resolves with is not looked at.
  const lenient: Interceptor = async (scope, next) => next(scope).catch(() => undefined as never);
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [lenient] }, () => cleaning(failing));
  await stream.next();
  await expect(stream.return('bye')).resolves.toEqual({ done: true, value: 'bye' });
  expect(traces.find('rows')).toMatchObject({ status: { code: 'UNSET' }, attributes: { 'tracewright.outcome': 'consumer_left' } });
});

test('G6: an interceptor that fails after the consumer has left fails the stream', async () => {
  using traces = recordTraces();
  const late: Interceptor = async (scope, next) => {
    await next(scope);
    throw new RangeError('too few');
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [late] }, () => [1, 2]);
  await stream.next();
  await expect(stream.return()).rejects.toThrow('too few');
  expect(stream.outcome).toBe('error');
});

test('an interceptor that calls next when the consumer has left is told so, and the body is not called', async () => {
  using traces = recordTraces();
  let told: unknown;
  let called = false;
  const late: Interceptor = async (scope, next) => {
    await new Promise((resolve) => scope.signal.addEventListener('abort', resolve));
    return next(scope).catch((error: unknown) => {
      told = error;
      throw error;
    });
  };
  const stream = traces.runtime().stream({ name: 'rows', interceptors: [late] }, () => {
    called = true;
    return [1];
  });
  const pull = stream.next();
  await stream.return();
  await expect(pull).resolves.toMatchObject({ done: true });
  expect(told).toMatchObject({ code: 'TW_CANCELLED', data: { by: 'consumer' } });
  expect([called, stream.outcome]).toEqual([false, 'consumer_left']);
});

test('G1: a clean-up that hangs keeps no interceptor waiting, once the limit of the stream has ended it', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  let outcome: unknown;
  const holding: Interceptor = async (scope, next) => {
    const ended = await next(scope);
    outcome = ended;
    return ended;
  };
  const stream = traces.runtime({ clock }).stream({ name: 'rows', interceptors: [holding] }, () => cleaning(silence), { timeoutMs: 50 });
  await stream.next();
  const left = stream.return();
  await clock.advance(50);
  await expect(left).resolves.toMatchObject({ done: true });
  expect([outcome, traces.find('rows').ends]).toEqual(['consumer_left', 1]);
});

test('G1: an interceptor that hangs after the consumer has left is ended by the limit of the stream, as not ended', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const hanging: Interceptor = async (scope, next) => {
    await next(scope);
    return silence();
  };
  const stream = traces.runtime({ clock }).stream({ name: 'rows', interceptors: [hanging] }, () => [1, 2], { timeoutMs: 50 });
  await stream.next();
  const left = stream.return();
  await clock.advance(50);
  await expect(left).resolves.toMatchObject({ done: true });
  expect(traces.find('rows')).toMatchObject({ ends: 1, attributes: { 'error.type': 'span_not_ended' } });
});

test('G6: an interceptor that rejects when its stream has ended is reported; one that rejects with why the stream was stopped is not', async () => {
  const warnings: string[] = [];
  diag.setLogger({
    error: () => undefined,
    warn: (message) => warnings.push(message),
    info: () => undefined,
    debug: () => undefined,
    verbose: () => undefined,
  });
  using traces = recordTraces();
  const reject: (() => void)[] = [];
  const deaf = (name: string, errorOf: (reason: unknown) => unknown): Promise<unknown> => {
    const client = new AbortController();
    // It does not listen to the signal.
    const late: Interceptor = (scope) => new Promise<never>((_, fail) => reject.push(() => fail(errorOf(scope.signal.reason))));
    const pull = traces
      .runtime()
      .stream({ name, interceptors: [late] }, () => [1], { signal: client.signal })
      .next();
    client.abort('gone');
    return pull.catch((error: unknown) => error);
  };
  const told = [await deaf('surprised', () => new Error('lost')), await deaf('stopped', (reason) => reason)];
  expect(told).toEqual(['gone', 'gone']);
  for (const call of reject) call();
  await nextTurn();
  expect(warnings).toEqual([expect.stringContaining('surprised')]);
});
