import { operation, type Runtime, type Interceptor } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { breaker } from './breaker.ts';
import { cache, type CacheOptions } from './cache.ts';
import type { CacheEntry, CacheStore } from './cache-store.ts';
import { retry } from './retry.ts';
import { timeout } from './timeout.ts';

/** Where the functions that an author gives to interceptors find themselves: by what each is called, the scopes that were current in it. */
async function placesOf(interceptorsFor: (say: (call: string) => void) => readonly Interceptor[], body: () => unknown): Promise<string[]> {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime: Runtime = traces.runtime({ clock });
  const places: string[] = [];
  const interceptors = interceptorsFor((call) => void places.push(`${call} in ${runtime.scope.name}`));
  const load = operation({ name: 'load', interceptors });
  const work = runtime.run('request', () => runtime.run(load, body)).catch(() => undefined);
  await clock.advance(10_000);
  await work;
  return places;
}

/** A store that says when it is asked, and answers `later` or at once. */
function tellingStore(say: (call: string) => void, later: boolean): CacheStore {
  const entries = new Map<string, CacheEntry>();
  const given = <T>(value: T): Promise<T> | T => (later ? Promise.resolve(value) : value);
  return {
    get(key) {
      say('get');
      return given(entries.get(key));
    },
    set(key, entry) {
      say('set');
      entries.set(key, entry);
      return given(undefined);
    },
  };
}

const fail = (): never => {
  throw new Error('broken');
};
const caching = (options: Partial<CacheOptions>): Interceptor => cache({ key: 'orders', ttlMs: 1000, ...options });

test('the key of a cache is made inside the operation', async () => {
  const key = (say: (call: string) => void) => (): string => {
    say('key');
    return 'orders';
  };
  await expect(
    placesOf(
      (say) => [caching({ key: key(say) })],
      () => 1,
    ),
  ).resolves.toEqual(['key in load']);
});

test.each([false, true])('a store is asked inside the operation (later: %s)', async (later) => {
  const places = await placesOf(
    (say) => [caching({ store: tellingStore(say, later) })],
    () => 1,
  );
  expect(places).toEqual(['get in load', 'set in load']);
});

test('the size of a result is estimated inside the operation', async () => {
  const sizeOf = (say: (call: string) => void) => (): number => {
    say('sizeOf');
    return 1;
  };
  await expect(
    placesOf(
      (say) => [caching({ sizeOf: sizeOf(say) })],
      () => 1,
    ),
  ).resolves.toEqual(['sizeOf in load']);
});

test('whether to try again is decided inside the operation', async () => {
  const retryable = (say: (call: string) => void) => (): boolean => {
    say('retryable');
    return true;
  };
  const places = await placesOf((say) => [retry({ maxAttempts: 3, delayMs: 1, retryable: retryable(say) })], fail);
  expect(places).toEqual(['retryable in load', 'retryable in load']);
});

test('what counts as a failure is decided inside the operation, also where a time-out ends it', async () => {
  const judge = (say: (call: string) => void) => (): boolean => {
    say('isFailure');
    return true;
  };
  const after = [timeout({ timeoutMs: 10 })];
  await expect(placesOf((say) => [breaker({ isFailure: judge(say) }), ...after], fail)).resolves.toEqual(['isFailure in load']);
  const hanging = placesOf(
    (say) => [...after, breaker({ isFailure: judge(say) })],
    () => new Promise(() => undefined),
  );
  await expect(hanging).resolves.toEqual(['isFailure in load']);
});
