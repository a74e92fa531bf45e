import type { RunningScope } from '../kernel/running-scope.ts';
import type { StreamListener, StreamSeam } from '../kernel/streams/stream-seam.ts';
import { reportFault } from '../kernel/telemetry.ts';
import { type Found, type GuardedStore, PendingEntry } from './cache-guarded-store.ts';
import type { Asking } from './cache-results.ts';
import type { CacheSettings } from './cache-settings.ts';
import type { CacheEntry } from './cache-store.ts';
import { describeLookup, tellLookup } from './cache-telling.ts';

/** Where items of streams are kept, and how. */
export interface StreamKeeping {
  readonly store: GuardedStore;
  readonly ttlMs: number;
  readonly bounds: CacheSettings['streams'];
}

/** The same operation may be run without being streamed: what that gives is no list of items. */
const streamMark = '~';

/** Around the consumption of a stream: it is read from what is kept, or kept when it was read to its end. */
export function aroundStream<T>({ scope, key, next }: Asking<T>, seam: StreamSeam, keeping: StreamKeeping): Promise<T> {
  const asking = { scope, key: streamMark + key, next };
  const go = (entry: CacheEntry | undefined): Promise<T> => {
    if (entry === undefined || !Array.isArray(entry.value)) {
      tellLookup(scope, 'miss');
      return record(asking, seam, keeping);
    }
    tellLookup(scope, 'hit');
    seam.replace(entry.value);
    return next(scope);
  };
  const goWithout = (error: unknown): Promise<T> => {
    reportFault(`reading from the cache of ${scope.name} failed`, error);
    tellLookup(scope, 'failed');
    return record(asking, seam, keeping);
  };
  let found: Found;
  try {
    found = keeping.store.read(scope, asking.key, scope.clock.now());
  } catch (error) {
    return goWithout(error);
  }
  if (!(found instanceof PendingEntry)) return go(found);
  return found.in(scope).then(go, (error: unknown) => {
    const { cancellation } = scope.parts;
    return cancellation.aborted ? Promise.reject(cancellation.reason) : goWithout(error);
  });
}

function record<T>({ scope, key, next }: Asking<T>, seam: StreamSeam, { store, ttlMs, bounds }: StreamKeeping): Promise<T> {
  const recording = new Recording(bounds);
  seam.observe(recording);
  return next(scope).then((outcome: unknown) => {
    // Only a stream that was read to its end is a result: `next` gives its outcome.
    if (outcome === 'done') recording.keep(store, { scope, key, ttlMs });
    return outcome as T; // As it came.
  });
}

/** The items of one consumption, until they are too many or too large to be kept. */
class Recording implements StreamListener {
  readonly #bounds: CacheSettings['streams'];
  #items: unknown[] | undefined = [];
  #bytes = 0;

  constructor(bounds: CacheSettings['streams']) {
    this.#bounds = bounds;
  }

  item(item: unknown): void {
    const items = this.#items;
    if (items === undefined) return;
    // Until the item is in: one that cannot be judged must not leave a hole.
    this.#items = undefined;
    const { maxItems, maxBytes, sizeOf } = this.#bounds;
    this.#bytes += sizeOf(item);
    items.push(item);
    if (items.length <= maxItems && this.#bytes <= maxBytes) this.#items = items;
  }

  keep(store: GuardedStore, { scope, key, ttlMs }: { readonly scope: RunningScope; readonly key: string; readonly ttlMs: number }): void {
    if (this.#items === undefined) return;
    const entry = { value: this.#items, bytes: this.#bytes, expiresAt: scope.clock.now() + ttlMs };
    try {
      void store.write(scope, key, entry);
    } catch (error) {
      reportFault(`keeping a result of ${scope.name} failed`, error);
      describeLookup(scope, 'failed');
    }
  }
}
