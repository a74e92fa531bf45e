import * as fc from 'fast-check';
import type { FailurePolicy, Lifecycle, Outcome } from 'tracewright';
import { type FakeClock, fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

/** What a body may do next; trees of these are whole programs. */
type Step =
  | { readonly does: 'fork'; readonly policy: FailurePolicy; readonly steps: readonly Step[] }
  | { readonly does: 'run' | 'float' | 'defer'; readonly how: 'quick' | 'waits' | 'fails' | 'hangs' }
  | { readonly does: 'stop' | 'terminate' | 'fatal' | 'throw' | 'sleep' | 'wait for grace' | 'wait for signal' | 'hang' };

const restart = { maxRestarts: 2, withinMs: 1000, delayMs: 10 };

const step: fc.Arbitrary<Step> = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ does: fc.constantFrom('stop', 'terminate', 'fatal', 'throw', 'sleep', 'wait for grace', 'wait for signal', 'hang') }),
    fc.record({ does: fc.constantFrom('run', 'float', 'defer'), how: fc.constantFrom('quick', 'waits', 'fails', 'hangs') }),
    fc.record({
      does: fc.constant('fork'),
      policy: fc.constantFrom<FailurePolicy>('isolate', 'fail', { restart }, { restart: { ...restart, maxRestarts: 1 } }),
      steps: fc.array(tie('step'), { maxLength: 4 }),
    }),
  ),
})).step;

interface World {
  readonly clock: FakeClock;
  /** Paths of lifecycles whose life is over, in order, with the ids of those that were below them and had not ended. */
  readonly livingChildren: Map<Lifecycle, Set<Lifecycle>>;
  readonly broken: string[];
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function work({ clock }: World, how: 'quick' | 'waits' | 'fails' | 'hangs'): Promise<void> {
  if (how === 'waits') await clock.sleep(50);
  if (how === 'fails') throw new Error('fails');
  if (how === 'hangs') await new Promise(() => undefined);
}

/** A body that checks, as it goes, that ends come in order: no cleanup while a child lives, cleanups from last to first. */
function bodyOf(world: World, steps: readonly Step[], parent: Lifecycle | undefined): (l: Lifecycle) => Promise<void> {
  return async (l) => {
    const siblings = parent === undefined ? undefined : world.livingChildren.get(parent);
    siblings?.add(l);
    world.livingChildren.set(l, new Set());
    let waiting = 0;
    l.defer(() => {
      siblings?.delete(l);
      if (waiting !== 0) world.broken.push(`${l.path}: the first cleanup ran before others`);
    });
    for (const next of steps) {
      if (next.does !== 'defer') await perform(world, l, next);
      else {
        const place = (waiting += 1);
        l.defer(() => {
          if (world.livingChildren.get(l)?.size !== 0) world.broken.push(`${l.path}: a cleanup ran while a child lived`);
          if (place !== waiting) world.broken.push(`${l.path}: cleanup ${place} ran in place of ${waiting}`);
          waiting -= 1;
          return work(world, next.how);
        });
      }
    }
  };
}

async function perform(world: World, l: Lifecycle, next: Exclude<Step, { does: 'defer' }>): Promise<void> {
  switch (next.does) {
    case 'fork':
      l.tryFork('child', bodyOf(world, next.steps, l), { onFailure: next.policy });
      return undefined;
    case 'run':
      return l.run('run', () => work(world, next.how));
    case 'float':
      void l.run('float', () => work(world, next.how)).catch(() => undefined);
      return undefined;
    case 'stop':
      await l.stop();
      return undefined;
    case 'terminate':
      return l.terminate();
    case 'fatal':
      return l.fatal(new Error('fatal'));
    case 'throw':
      throw new Error('thrown');
    case 'sleep':
      return world.clock.sleep(30, { signal: l.signal });
    case 'wait for grace':
      return aborted(l.grace);
    case 'wait for signal':
      return aborted(l.signal);
    default:
      return new Promise(() => undefined);
  }
}

test('G1: G11: whatever lifecycles do, they end in order, and when done resolves no span and no timer is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), fc.boolean(), async (steps, drains) => {
      using traces = recordTraces();
      const clock = fakeClock();
      const runtime = traces.runtime({ clock });
      const world: World = { clock, livingChildren: new Map(), broken: [] };
      let outcome: Outcome | undefined;
      const handle = runtime.lifecycle('app', bodyOf(world, steps, undefined), drains ? { drainTimeoutMs: 100 } : {});
      void handle.done.then((given) => {
        outcome = given;
        expect(traces.open).toEqual([]);
      });
      await clock.advance(2000);
      const closing = runtime.close({ timeoutMs: 500, graceMs: 100 });
      // Each cleanup that hangs takes its ten seconds.
      await clock.advance(400_000);
      await closing;
      expect(outcome?.status).toMatch(/^(ok|stopped|terminated|failed)$/);
      expect(world.broken).toEqual([]);
      expect(traces.open).toEqual([]);
      expect(traces.check()).toEqual([]);
      expect(traces.spans.filter(({ ends }) => ends !== 1)).toEqual([]);
      expect([handle.waitingFor(), clock.pending]).toEqual([[], 0]);
    }),
    { numRuns: 100 },
  );
}, 60_000);
