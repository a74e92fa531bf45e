import { TracewrightError } from '../kernel/errors.ts';
import { requireScope, type RunningScope } from '../kernel/running-scope.ts';
import type { Scope } from '../kernel/scope.ts';
import { reportFault } from '../kernel/telemetry.ts';
import { type Found, GuardedStore, PendingEntry } from './cache-guarded-store.ts';
import { wholeKey } from './cache-key.ts';
import type { CacheSettings } from './cache-settings.ts';
import { type CacheEntry, liveEntry } from './cache-store.ts';
import { aroundStream } from './cache-stream.ts';
import { describeLookup, linkToWork, tellLookup } from './cache-telling.ts';
import { Flight, type Flights } from './single-flight.ts';
import { abandoned } from './single-flight-caller.ts';

/** One call that asks for a result. */
export interface Asking<T> {
  readonly scope: RunningScope;
  readonly key: string;
  readonly next: (scope: Scope) => Promise<T>;
}

/** The results of one cache: those that are kept, and those that are still being worked for. */
export class ResultCache {
  readonly #settings: CacheSettings;
  readonly #store: GuardedStore;
  readonly #flights: Flights = new Map();

  constructor(settings: CacheSettings) {
    this.#settings = settings;
    this.#store = new GuardedStore(settings);
  }

  around<T>(given: Scope, next: (scope: Scope) => Promise<T>): Promise<T> {
    let scope: RunningScope;
    let text: string | undefined;
    try {
      scope = requireScope(given);
      text = this.#settings.keyOf(scope);
    } catch (error) {
      return Promise.reject(error);
    }
    if (text === undefined) return next(scope);
    const asking = { scope, key: wholeKey(scope, this.#settings.shared, text), next };
    const { streaming } = scope;
    if (streaming === undefined) return this.#lookUp(asking);
    return aroundStream(asking, streaming, { store: this.#store, ttlMs: this.#settings.ttlMs, bounds: this.#settings.streams });
  }

  /** Hot: a hit in memory is one look into the flights, one into the store. */
  #lookUp<T>(asking: Asking<T>): Promise<T> {
    const { scope, key } = asking;
    const flight = this.#flights.get(key);
    if (flight !== undefined && flight.kept === undefined) return this.#share(flight, asking);
    const now = scope.clock.now();
    let found: Found;
    try {
      found = liveEntry(flight?.kept, now) ?? this.#store.read(scope, key, now);
    } catch (error) {
      reportFault(`reading from the cache of ${scope.name} failed`, error);
      return this.#lead(asking, 'failed');
    }
    if (found === undefined) return this.#lead(asking, 'miss');
    return found instanceof PendingEntry ? this.#lead(asking, found) : hit(scope, found);
  }

  #share<T>(flight: Flight, asking: Asking<T>): Promise<T> {
    const { scope } = asking;
    const { cancellation } = scope.parts;
    if (cancellation.aborted) return Promise.reject(cancellation.reason);
    if (flight.waitsFor(scope)) return Promise.reject(waitsForItself(scope));
    tellLookup(scope, 'shared');
    linkToWork(scope, flight.scope);
    return flight.join(scope).then((result) => {
      if (result !== abandoned) return result as T; // The work of the same operation with the same key.
      return cancellation.aborted ? Promise.reject(cancellation.reason) : this.#lookUp(asking);
    });
  }

  /** Begins work that others may join, with what the store has said so far. */
  #lead<T>(asking: Asking<T>, lookup: 'miss' | 'failed' | PendingEntry): Promise<T> {
    const { scope, key } = asking;
    const { cancellation } = scope.parts;
    if (cancellation.aborted) return Promise.reject(cancellation.reason);
    const flight = new Flight(this.#flights, key, scope);
    const result = flight.lead(scope) as Promise<T>; // What its own work gives, or an entry under its own key.
    if (lookup instanceof PendingEntry) this.#workUnlessFound(flight, asking, lookup);
    else {
      tellLookup(scope, lookup);
      this.#work(flight, asking);
    }
    return result;
  }

  #workUnlessFound<T>(flight: Flight, asking: Asking<T>, pending: PendingEntry): void {
    const { scope } = asking;
    const begin = (lookup: 'miss' | 'failed'): void => {
      tellLookup(scope, lookup);
      this.#work(flight, asking);
    };
    pending.in(flight.scope).then(
      (entry) => {
        if (entry !== undefined) {
          tellLookup(scope, 'hit');
          flight.succeed(entry.value);
        } else if (flight.isWanted) begin('miss');
        else flight.giveUp();
      },
      (error: unknown) => {
        if (!flight.isWanted) {
          flight.giveUp();
          return;
        }
        reportFault(`reading from the cache of ${scope.name} failed`, error);
        begin('failed');
      },
    );
  }

  #work<T>(flight: Flight, { key, next }: Asking<T>): void {
    next(flight.scope).then(
      (value) => {
        this.#keep(flight, key, value);
        flight.succeed(value);
      },
      (error: unknown) => flight.fail(error),
    );
  }

  #keep(flight: Flight, key: string, value: unknown): void {
    // Work that was cancelled may have given half a result.
    if (flight.isCancelled) return;
    const { scope } = flight;
    const entry = { value, expiresAt: scope.clock.now() + this.#settings.ttlMs };
    try {
      const written = this.#store.write(scope, key, entry);
      if (written !== undefined) flight.keepUntil(written, entry);
    } catch (error) {
      reportFault(`keeping a result of ${scope.name} failed`, error);
      describeLookup(scope, 'failed');
    }
  }
}

function waitsForItself({ name }: RunningScope): TracewrightError<'TW_DEADLOCK'> {
  const message = `${name} asked its cache for the result of work that waits for this very call`;
  return new TracewrightError('TW_DEADLOCK', message, { data: { operation: name } });
}

function hit<T>(scope: RunningScope, { value }: CacheEntry): Promise<T> {
  tellLookup(scope, 'hit');
  return Promise.resolve(value as T); // What this operation gave under this key.
}
