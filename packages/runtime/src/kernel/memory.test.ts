import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRuntime } from 'tracewright';
import { expect, test } from 'vitest';

const mebibyte = 1024 * 1024;

/** Collects garbage for certain, also where the process was not started with `--expose-gc`. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

test('G1: a hundred thousand operations under one long-lived signal leave no listener and no heap behind', async () => {
  const runtime = createRuntime();
  const service = new AbortController();
  const options = { signal: service.signal };
  const round = async (count: number): Promise<number> => {
    for (let index = 0; index < count; index += 1) {
      await runtime.run(
        'work',
        async (scope) => {
          await scope.run('touches its signal', (inner) => inner.signal.aborted, options);
          for await (const _ of scope.stream('reads a little', () => [1, 2], options)) break;
        },
        options,
      );
    }
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await round(3000);
  const grownBytes = (await round(33_334)) - before;
  expect(getEventListeners(service.signal, 'abort')).toEqual([]);
  // One listener with its closure holds some 500 bytes: a leak of one for each of the 100,000 operations would be 50 MB.
  expect(grownBytes).toBeLessThan(2 * mebibyte);
}, 60_000);

test('G3: a chain of timers, each started by the last inside its operation, keeps nothing of those before', async () => {
  const runtime = createRuntime();
  /** Heap in use after that many links, while the chain goes on. */
  const heapAfter = (links: number): Promise<number> =>
    new Promise((resolve) => {
      let left = links;
      const link = (): void => {
        left -= 1;
        if (left > 0) void runtime.run('link', () => void setImmediate(link));
        else {
          collectGarbage();
          resolve(process.memoryUsage().heapUsed);
        }
      };
      link();
    });
  const before = await heapAfter(1000);
  // A scope with its contexts holds more than a kilobyte: kept, these would be 20 MB and more.
  expect((await heapAfter(20_000)) - before).toBeLessThan(2 * mebibyte);
}, 60_000);
