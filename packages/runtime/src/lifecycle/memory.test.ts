import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRuntime, type Lifecycle } from 'tracewright';
import { fakeClock } from 'tracewright/testing';
import { expect, test } from 'vitest';

const mebibyte = 1024 * 1024;

/** Collects garbage for certain, also where the process was not started with `--expose-gc`. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

async function* one(): AsyncGenerator<number> {
  yield 1;
}

async function touchEverything(l: Lifecycle): Promise<void> {
  for (const signal of [l.signal, l.stopping, l.grace]) signal.addEventListener('abort', () => undefined);
  for await (const _ of l.until(one())) await l.run('work', ({ signal }) => signal.aborted);
  l.defer(({ signal }) => signal.aborted);
}

test('G1: thousands of forks under long-lived signals and one long-lived parent leave no listener and no heap behind', async () => {
  const [terminating, stopping] = [new AbortController(), new AbortController()];
  const options = { signal: terminating.signal, stopping: stopping.signal };
  const runtime = createRuntime();
  let grownBytes = Number.POSITIVE_INFINITY;
  const handle = runtime.lifecycle(
    'app',
    async (l) => {
      const round = async (count: number): Promise<number> => {
        for (let index = 0; index < count; index += 1) {
          await l.fork('child', touchEverything, options).done;
          await runtime.lifecycle('root', touchEverything, options).done;
        }
        collectGarbage();
        return process.memoryUsage().heapUsed;
      };
      const before = await round(500);
      grownBytes = (await round(2000)) - before;
      expect(getEventListeners(terminating.signal, 'abort').length).toBe(1);
      expect(getEventListeners(stopping.signal, 'abort').length).toBe(1);
    },
    options,
  );
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  expect(getEventListeners(terminating.signal, 'abort')).toEqual([]);
  expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
  // A life with its signals holds some kilobytes: kept, these 4,000 would be 10 MB and more.
  expect(grownBytes).toBeLessThan(2 * mebibyte);
}, 60_000);

test('G1: a child that is restarted thousands of times keeps nothing of its lives but a hundred failures', async () => {
  const clock = fakeClock();
  let lives = 0;
  const handle = createRuntime({ clock }).lifecycle('app', (l) => {
    const body = async (c: Lifecycle): Promise<never> => {
      lives += 1;
      await touchEverything(c);
      await clock.sleep(1);
      throw new Error('no');
    };
    l.fork('child', body, { onFailure: { restart: { maxRestarts: 1, withinMs: 0.1, delayMs: 1 } } });
  });
  const heapAfter = async (count: number): Promise<number> => {
    const isReached = (): boolean => lives >= count;
    while (!isReached()) await clock.advance(1);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(300);
  const grownBytes = (await heapAfter(1300)) - before;
  expect(lives).toBeGreaterThanOrEqual(1300);
  handle.terminate();
  await clock.advance(1);
  const { failures, failuresOmitted } = await handle.done;
  expect([failures.length, failuresOmitted]).toEqual([100, lives - 100]);
  expect(grownBytes).toBeLessThan(mebibyte);
}, 60_000);

test('G1: thousands of loops in one life, each left early, leave nothing behind', async () => {
  let grownBytes = Number.POSITIVE_INFINITY;
  const handle = createRuntime().lifecycle('app', async (l) => {
    const round = async (count: number): Promise<number> => {
      for (let index = 0; index < count; index += 1) for await (const _ of l.until(one())) break;
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await round(1000);
    grownBytes = (await round(20_000)) - before;
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  // A loop that still listened would hold some hundred bytes with its source: kept, these would be 5 MB and more.
  expect(grownBytes).toBeLessThan(2 * mebibyte);
}, 60_000);
