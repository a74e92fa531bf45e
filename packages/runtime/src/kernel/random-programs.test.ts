import * as fc from 'fast-check';
import { type OwnedStream, type Runtime, type Scope, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

/** What a program may do next; trees of these are whole programs. */
type Step =
  | { readonly does: 'run' | 'float' | 'detach' | 'root'; readonly steps: readonly Step[]; readonly fails: boolean }
  | { readonly does: 'stream'; readonly steps: readonly Step[]; readonly items: number; readonly reads: number; readonly fails: boolean }
  | { readonly does: 'wait' | 'abort' | 'library' };

const step: fc.Arbitrary<Step> = fc.letrec<{ step: Step }>((tie) => {
  const steps = fc.array(tie('step'), { maxLength: 3 });
  return {
    step: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ does: fc.constantFrom('wait', 'abort', 'library') }),
      fc.record({ does: fc.constantFrom('run', 'float', 'detach', 'root'), steps, fails: fc.boolean() }),
      fc.record({ does: fc.constant('stream'), steps, items: fc.nat(3), reads: fc.nat(4), fails: fc.boolean() }),
    ),
  };
}).step;

interface World {
  readonly runtime: Runtime;
  readonly client: AbortController;
  readonly library: () => void;
  readonly floating: Promise<unknown>[];
}

async function perform(world: World, scope: Scope, steps: readonly Step[]): Promise<void> {
  for (const next of steps) await performOne(world, scope, next);
}

async function performOne(world: World, scope: Scope, next: Step): Promise<void> {
  switch (next.does) {
    case 'wait':
      return Promise.resolve();
    case 'abort':
      return world.client.abort('the client left');
    case 'library':
      return world.library();
    case 'stream':
      return readSome(makeStream(world, scope, next), next.reads);
    default:
      return performRun(world, scope, next);
  }
}

async function performRun(
  world: World,
  scope: Scope,
  { does, steps, fails }: Extract<Step, { steps: unknown; does: 'run' | 'float' | 'detach' | 'root' }>,
): Promise<void> {
  const body = async (inner: Scope): Promise<void> => {
    await perform(world, inner, steps);
    if (fails) throw new Error('fails');
  };
  const place = does === 'detach' ? scope.detach() : scope;
  const work = place.run({ name: does, root: does === 'root' }, body);
  if (does === 'run') return work;
  world.floating.push(work.catch(() => undefined));
}

function makeStream(world: World, scope: Scope, { steps, items, fails }: Extract<Step, { does: 'stream' }>): OwnedStream<number> {
  return scope.stream('stream', async function* (inner) {
    for (let item = 0; item < items; item += 1) {
      await perform(world, inner, steps);
      yield item;
    }
    if (fails) throw new Error('fails');
  });
}

async function readSome(stream: OwnedStream<number>, reads: number): Promise<void> {
  for (let read = 0; read < reads; read += 1) if ((await stream.next()).done === true) return;
  if (reads % 2 === 1) await stream.return();
}

test('G1: whatever programs do, every span ends exactly once, nothing is orphaned, and everybody is named', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
      using traces = recordTraces();
      const world: World = {
        runtime: traces.runtime(),
        client: new AbortController(),
        library: () => traces.tracer('library').startSpan('library call').end(),
        floating: [],
      };
      const { runtime, client } = world;
      await runtime
        .run('program', (scope) => perform(world, scope, steps), { as: user('ada'), signal: client.signal })
        .catch(() => undefined);
      // Streams that a program leaves half read, outside any operation, are there to be cancelled.
      await runtime.close({ timeoutMs: 1, graceMs: 1 });
      await Promise.all(world.floating);
      expect(traces.open).toEqual([]);
      expect(traces.check()).toEqual([]);
      expect(traces.spans.filter(({ ends, attributes }) => ends !== 1 || attributes['caller.id'] !== 'ada')).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
