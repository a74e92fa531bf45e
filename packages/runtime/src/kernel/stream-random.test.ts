import fc from 'fast-check';
import type { Interceptor } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

/** What happens to a stream, in any order. */
const events = fc.constantFrom(
  ...(['pull', 'leave', 'throw', 'give', 'finish', 'fail', 'abort', 'cut', 'pass', 'refuse', 'wait', 'end owner'] as const),
);
const shapes = fc.constantFrom(...(['passing', 'waiting', 'again', 'lenient', 'cutting', 'looking', 'late'] as const));

type Event = typeof events extends fc.Arbitrary<infer T> ? T : never;
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

interface Handles {
  readonly cut: AbortSignal;
  /** Calls that wait until the test lets them pass, or refuses them. */
  readonly gates: { pass(): void; refuse(): void }[];
}

function interceptorOf(shape: Shape, { cut, gates }: Handles): Interceptor {
  const gate = (): Promise<void> =>
    new Promise((resolve, reject) => {
      gates.push({ pass: resolve, refuse: () => reject(new Error('refused')) });
    });
  const all: Readonly<Record<Shape, Interceptor>> = {
    passing: (scope, next) => next(scope),
    waiting: async (scope, next) => gate().then(() => next(scope)),
    again: async (scope, next) => next(scope).catch(() => scope.run('attempt', (attempt) => next(attempt))),
    lenient: async (scope, next) => next(scope).catch(() => undefined as never), // What it resolves with is not looked at.
    cutting: (scope, next) => next(scope.derive({ signal: cut })),
    looking: { item: async (item) => gate().then(() => item) },
    late: async (scope, next) => {
      const outcome = await next(scope);
      await gate();
      return outcome;
    },
  };
  return all[shape];
}

/** A producer whose every answer the test gives. */
function producer(): { readonly body: () => AsyncIterable<number>; answer(event: 'give' | 'finish' | 'fail'): void } {
  const asked: { resolve(result: IteratorResult<number>): void; reject(error: unknown): void }[] = [];
  const next = (): Promise<IteratorResult<number>> => new Promise((resolve, reject) => asked.push({ resolve, reject }));
  return {
    body: () => ({ [Symbol.asyncIterator]: () => ({ next }) }),
    answer(event) {
      const pull = asked.shift();
      if (event === 'give') pull?.resolve({ done: false, value: 1 });
      else if (event === 'finish') pull?.resolve({ done: true, value: undefined });
      else pull?.reject(new Error('failed'));
    },
  };
}

async function play(given: readonly Event[], chosen: readonly Shape[]): Promise<void> {
  using traces = recordTraces();
  const [clock, client, cut] = [fakeClock(), new AbortController(), new AbortController()];
  const gates: Handles['gates'] = [];
  const { body, answer } = producer();
  const interceptors = chosen.map((shape) => interceptorOf(shape, { cut: cut.signal, gates }));
  let endOwner: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    endOwner = resolve;
  });
  const calls: Promise<unknown>[] = [];
  let settled = 0;
  const keep = (call: Promise<unknown>): void => {
    const count = (): void => void (settled += 1);
    calls.push(call.then(count, count));
  };
  const runtime = traces.runtime({ clock });
  const { stream, owner } = await new Promise<{ stream: ReturnType<typeof runtime.stream<number>>; owner: Promise<void> }>((resolve) => {
    const running: Promise<void> = runtime.run('owner', async (scope) => {
      const options = { signal: client.signal, idleTimeoutMs: 100 };
      const rows = scope.stream({ name: 'rows', interceptors }, body, options);
      setImmediate(() => resolve({ stream: rows, owner: running }));
      await held;
    });
  });
  const happen: Readonly<Record<Event, () => unknown>> = {
    pull: () => keep(stream.next()),
    leave: () => keep(stream.return()),
    throw: () => keep(stream.throw(new Error('thrown'))),
    give: () => answer('give'),
    finish: () => answer('finish'),
    fail: () => answer('fail'),
    abort: () => client.abort('gone'),
    cut: () => cut.abort('cut'),
    pass: () => gates.shift()?.pass(),
    refuse: () => gates.shift()?.refuse(),
    wait: () => clock.advance(60),
    'end owner': endOwner,
  };
  for (const event of given) {
    await happen[event]();
    await clock.advance(0);
  }
  await clock.advance(500);
  endOwner();
  await owner;
  await clock.advance(0);
  expect([settled, traces.open, clock.pending]).toEqual([calls.length, [], 0]);
  expect(stream.outcome === undefined).toBe(!traces.spans.some(({ name }) => name === 'rows'));
}

test('G1: whatever happens to a stream with interceptors, its span ends once, and every call of its consumer is answered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(events, { maxLength: 14 }),
      fc.array(shapes, { maxLength: 3 }),
      async (given, chosen) => play(given, chosen),
    ),
    { numRuns: Number(process.env['RUNS'] ?? 300) },
  );
});
