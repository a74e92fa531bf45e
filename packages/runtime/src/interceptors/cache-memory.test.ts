import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRuntime, operation, type Scope } from 'tracewright';
import { expect, test } from 'vitest';
import { breaker } from './breaker.ts';
import { cache } from './cache.ts';
import { limit } from './limit.ts';

const mebibyte = 1024 * 1024;

/** Collects garbage for certain, also where the process was not started with `--expose-gc`. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

test('G1: tens of thousands of operations that are cached, wait in a limit and pass a breaker leave nothing on their runtime', async () => {
  const runtime = createRuntime();
  const service = new AbortController();
  let key = 0;
  const interceptors = [cache({ key: () => String(key), ttlMs: 60_000, maxEntries: 10 }), limit({ concurrency: 1 }), breaker()];
  const load = operation({ name: 'load', interceptors });
  const body = async (scope: Scope): Promise<boolean> => scope.signal.aborted;
  const round = async (count: number): Promise<number> => {
    for (let index = 0; index < count; index += 1) {
      const client = new AbortController();
      // One that works and leaves, one that waits for that work, and one that works under another key and waits for its place.
      key += 1;
      const leaving = runtime.run(load, body, { signal: client.signal }).catch(() => undefined);
      const waiting = runtime.run(load, body);
      key += 1;
      const next = runtime.run(load, body, { signal: service.signal });
      client.abort();
      await Promise.all([leaving, waiting, next]);
    }
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await round(1000);
  const grownBytes = (await round(5000)) - before;
  expect(getEventListeners(service.signal, 'abort')).toEqual([]);
  // A caller that is kept holds its scope, more than a kilobyte: a leak of one for each of the 5000 rounds would be 5 MB.
  expect(grownBytes).toBeLessThan(2 * mebibyte);
}, 60_000);
