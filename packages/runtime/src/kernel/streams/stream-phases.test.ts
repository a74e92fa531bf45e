import type { Interceptor, OwnedStream, Scope } from 'tracewright';
import { type FakeClock, fakeClock, recordTraces, type TraceRecorder } from 'tracewright/testing';
import { expect, test } from 'vitest';

const silence = (): Promise<never> => new Promise(() => undefined);

function untilStopped({ signal }: Scope): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

/** Where a stream with an interceptor can be when somebody stops it. */
type Phase = 'before next' | 'in the body' | 'between two items' | 'after the last item';
const phases: readonly Phase[] = ['before next', 'in the body', 'between two items', 'after the last item'];

interface Stopped {
  readonly stream: OwnedStream<number>;
  readonly client: AbortController;
  readonly clock: FakeClock;
}

interface Stop {
  readonly who: string;
  stop(given: Stopped): unknown;
  /** What a pull gets that waits, or comes afterwards. */
  readonly told: unknown;
  readonly span: Readonly<Record<string, unknown>>;
}

const stops: readonly Stop[] = [
  {
    who: 'its client',
    stop: ({ client }) => client.abort('gone'),
    told: 'gone',
    span: { 'tracewright.outcome': 'aborted', 'tracewright.cancelled_by': 'client' },
  },
  {
    who: 'its limit',
    stop: ({ clock }) => clock.advance(50),
    told: expect.objectContaining({ code: 'TW_TIMEOUT' }),
    span: { 'tracewright.outcome': 'timeout', 'error.type': 'TW_TIMEOUT' },
  },
  {
    who: 'its consumer',
    stop: ({ stream }) => stream.return(),
    told: { done: true, value: undefined },
    span: { 'tracewright.outcome': 'consumer_left' },
  },
  {
    who: 'the end of its owner',
    // It ends when the stream is where it shall be.
    stop: () => undefined,
    told: expect.objectContaining({ code: 'TW_SCOPE_ENDED' }),
    span: { 'tracewright.outcome': 'error', 'error.type': 'span_not_ended' },
  },
];

/** What it does while it waits: reacts to its signal, or does not. */
const manners = { listening: untilStopped, deaf: silence };

interface Case extends Stop {
  readonly phase: Phase;
  readonly manner: keyof typeof manners;
}

const cases: readonly Case[] = phases.flatMap((phase) =>
  stops.flatMap((stop) => [{ ...stop, phase, manner: 'listening' } as const, { ...stop, phase, manner: 'deaf' } as const]),
);

/** Brings a stream into the phase, stops it, and gives what its consumer is told. */
async function stopIn({ phase, manner, stop }: Case, traces: TraceRecorder, log: string[]): Promise<unknown> {
  const wait = manners[manner];
  const around: Interceptor = async (scope, next) => {
    try {
      if (phase === 'before next') await wait(scope);
      const outcome = await next(scope);
      if (phase === 'after the last item') await wait(scope);
      return outcome;
    } finally {
      log.push('unwound');
    }
  };
  const body = async function* (scope: Scope): AsyncGenerator<number> {
    log.push('called');
    if (phase === 'in the body') await wait(scope);
    if (phase !== 'after the last item') yield* [1, 2];
  };
  const [client, clock] = [new AbortController(), fakeClock()];
  const { stream, first } = await traces.runtime({ clock }).run('owner', async (owner) => {
    const rows = owner.stream({ name: 'rows', interceptors: [around] }, body, { signal: client.signal, timeoutMs: 50 });
    const pull = rows.next().catch((error: unknown) => error);
    await clock.advance(0);
    await stop({ stream: rows, client, clock });
    await clock.advance(0);
    return { stream: rows, first: pull };
  });
  await clock.advance(0);
  expect([traces.open, clock.pending]).toEqual([[], 0]);
  return phase === 'between two items' ? stream.next().catch((error: unknown) => error) : first;
}

test.each(cases)('G1: a stream is stopped $phase by $who, with interceptors and producer $manner', async (given) => {
  using traces = recordTraces();
  const log: string[] = [];
  const told = await stopIn(given, traces, log);
  expect(told).toEqual(given.told);
  expect(traces.find('rows')).toMatchObject({ ends: 1, attributes: given.span });
  const isReached = given.phase !== 'before next';
  // What listens unwinds; between two items there is nothing that could be deaf.
  const isUnwound = given.manner === 'listening' || given.phase === 'in the body' || given.phase === 'between two items';
  expect(log).toEqual([...(isReached ? ['called'] : []), ...(isUnwound ? ['unwound'] : [])]);
});
