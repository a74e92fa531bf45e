import * as fc from 'fast-check';
import type { Interceptor, Scope } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

/** What may happen to a stream. */
const happenings = ['pull', 'leave', 'throw', 'give', 'finish', 'fail', 'abort', 'cut', 'pass', 'refuse', 'wait', 'end owner'] as const;
type Happening = (typeof happenings)[number];

/** What may be around it. */
const shapes = ['passing', 'waiting', 'again', 'lenient', 'cutting', 'looking', 'late'] as const;
type Shape = (typeof shapes)[number];

/** What it reads: an iterator without clean-up, a generator, or one whose clean-up hangs. */
const producers = ['iterator', 'generator', 'stuck'] as const;
type ProducerKind = (typeof producers)[number];

interface Program {
  /** What happens, and whether all that follows from it is waited for. */
  readonly steps: readonly (readonly [Happening, boolean])[];
  readonly interceptors: readonly Shape[];
  readonly producer: ProducerKind;
}

const programs: fc.Arbitrary<Program> = fc.record({
  steps: fc.array(fc.tuple(fc.constantFrom(...happenings), fc.boolean()), { maxLength: 14 }),
  interceptors: fc.array(fc.constantFrom(...shapes), { maxLength: 3 }),
  producer: fc.constantFrom(...producers),
});

/** Something that waits until the test lets it go on, in one way or the other. */
interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

function queue<T>(): { readonly waiting: Waiting<T>[]; enter(): Promise<T> } {
  const waiting: Waiting<T>[] = [];
  return { waiting, enter: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })) };
}

function interceptorOf(shape: Shape, cut: AbortSignal, gate: () => Promise<unknown>): Interceptor {
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

function bodyOf(kind: ProducerKind, next: () => Promise<IteratorResult<number>>): () => AsyncIterable<number> {
  if (kind === 'iterator') return () => ({ [Symbol.asyncIterator]: () => ({ next }) });
  return async function* () {
    try {
      for (let result = await next(); result.done !== true; result = await next()) yield result.value;
    } finally {
      if (kind === 'stuck') await new Promise(() => undefined);
    }
  };
}

async function play({ steps, interceptors, producer }: Program): Promise<void> {
  using traces = recordTraces();
  const [clock, client, cut] = [fakeClock(), new AbortController(), new AbortController()];
  const [gates, asked, owner] = [queue<unknown>(), queue<IteratorResult<number>>(), queue<void>()];
  const runtime = traces.runtime({ clock });
  let owning: Promise<void> = Promise.resolve();
  const scope = await new Promise<Scope>((resolve) => {
    owning = runtime.run('owner', (opened) => {
      resolve(opened);
      return owner.enter();
    });
  });
  const around = interceptors.map((shape) => interceptorOf(shape, cut.signal, gates.enter));
  const options = { signal: client.signal, idleTimeoutMs: 100 };
  const stream = scope.stream({ name: 'rows', interceptors: around }, bodyOf(producer, asked.enter), options);
  let [asking, answered] = [0, 0];
  const count = (): void => void (answered += 1);
  const keep = (call: Promise<unknown>): void => {
    asking += 1;
    call.then(count, count);
  };
  const happen: Readonly<Record<Happening, () => unknown>> = {
    pull: () => keep(stream.next()),
    leave: () => keep(stream.return()),
    throw: () => keep(stream.throw(new Error('thrown'))),
    give: () => asked.waiting.shift()?.resolve({ done: false, value: 1 }),
    finish: () => asked.waiting.shift()?.resolve({ done: true, value: undefined }),
    fail: () => asked.waiting.shift()?.reject(new Error('failed')),
    abort: () => client.abort('gone'),
    cut: () => cut.abort('cut'),
    pass: () => gates.waiting.shift()?.resolve(undefined),
    refuse: () => gates.waiting.shift()?.reject(new Error('refused')),
    wait: () => clock.advance(60),
    'end owner': () => owner.waiting[0]?.resolve(),
  };
  for (const [happening, settles] of steps) {
    void happen[happening]();
    if (settles) await clock.advance(0);
  }
  await clock.advance(500);
  owner.waiting[0]?.resolve();
  await owning;
  await clock.advance(0);
  expect([answered, traces.open, clock.pending]).toEqual([asking, [], 0]);
  expect(stream.outcome !== undefined).toBe(traces.spans.some(({ name, ends }) => name === 'rows' && ends === 1));
}

test('G1: whatever happens to a stream with interceptors, its span ends once, and every call of its consumer is answered', async () => {
  await fc.assert(fc.asyncProperty(programs, play), { numRuns: 300 });
}, 60_000);
