import { Cancellation, cancelled, cancelledBy } from '../kernel/cancellation.ts';
import { emptyContext } from '../kernel/context.ts';
import type { OpenSpan } from '../kernel/open-span.ts';
import { classify } from '../kernel/outcome.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { openShared } from '../kernel/shared-work.ts';
import type { CacheEntry } from './cache-store.ts';
import { Caller, Callers } from './single-flight-caller.ts';

/** The work that is under way, by key: who asks for a key while there is work for it waits for that work. */
export type Flights = Map<string, Flight>;

/** The work by its place in the tree of what is open. */
const flightOf = new WeakMap<OpenSpan, Flight>();

/**
 * Work that several callers wait for. It goes on until it has ended, or the last of them has left.
 *
 * A caller that leaves gets the reason for which it was cancelled at once; the last one when the work has ended, so that nothing is open below it. The work is then
 * cancelled, where a client left a turn of the event loop later and only if nobody has joined until then, and has one turn to end by itself.
 */
export class Flight {
  /** In which the work runs. */
  readonly scope: RunningScope;
  readonly #flights: Flights;
  readonly #key: string;
  readonly #ground: Cancellation;
  readonly #callers = new Callers();
  /** The last one, once it has left. */
  #last: { readonly caller: Caller; readonly reason: unknown } | undefined;
  #turn: NodeJS.Immediate | undefined;
  #unwatch: (() => void) | undefined;
  #isCancelled = false;
  #hasEnded = false;
  #kept: CacheEntry | undefined;

  /** Opens work that `leader`, who joins then, is the first to ask for. */
  constructor(flights: Flights, key: string, leader: RunningScope) {
    this.#flights = flights;
    this.#key = key;
    this.#ground = leader.parts.surroundings.ground.cancellation;
    this.scope = openShared(leader, new Cancellation(this.#ground));
    this.scope.parts.spans.onStraggling(this.giveUp);
    flightOf.set(this.scope.parts.spans, this);
    flights.set(key, this);
  }

  /** Whether this work cannot end before `scope` has: it runs in the work, or in what the work waits for. */
  waitsFor(scope: RunningScope): boolean {
    const waiting = [scope];
    const seen = new Set<Flight>();
    for (const one of waiting) {
      for (const node of one.parts.spans.sharedWork()) {
        const around = flightOf.get(node);
        if (around === this) return true;
        if (around === undefined || seen.has(around)) continue;
        seen.add(around);
        // The loop also comes to what is added here.
        waiting.push(...around.#callers.scopes());
      }
    }
    return false;
  }

  /** Whether anybody waits for what the work will give. */
  get isWanted(): boolean {
    return !this.#callers.isEmpty && !this.#isCancelled;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** The result, while a slow store writes it. */
  get kept(): CacheEntry | undefined {
    return this.#kept;
  }

  /** The result of the work, for the one who has opened it. */
  lead(scope: RunningScope): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const caller = new Caller(scope, resolve, reject);
      this.#callers.lead(caller);
      caller.watch(this.#leave);
    });
  }

  /** The result of the work for another one; `abandoned` where there will be none for it. */
  join(scope: RunningScope): Promise<unknown> {
    const result = new Promise((resolve, reject) => {
      const caller = new Caller(scope, resolve, reject);
      this.#callers.join(caller);
      caller.watch(this.#leave);
    });
    this.#letLastGo();
    return result;
  }

  succeed(value: unknown): void {
    if (this.#hasEnded) return;
    this.#end();
    this.#callers.resolve(value);
    this.#last?.caller.reject(this.#last.reason);
  }

  fail(error: unknown): void {
    if (this.#hasEnded) return;
    const { parts, context } = this.scope;
    const failure = classify(error, parts.cancellation);
    parts.spans.fail(failure, context ?? emptyContext);
    this.#end();
    this.#callers.reject(error);
    // Whoever is the last to leave gets to know what failed meanwhile, as nobody else would.
    this.#last?.caller.reject(failure.outcome === 'error' ? error : this.#last.reason);
  }

  /** Ends it without a result: nobody waits any longer, or the work does not end by itself. What that has left open is ended for it. */
  readonly giveUp = (): void => {
    if (this.#hasEnded) return;
    this.#isCancelled = true;
    this.#end();
    this.#callers.abandonOthers();
    // The leader stands on the same ground as the work.
    this.#callers.reject(cancelled('shutdown', `what ${this.scope.name} stood on has ended`));
    this.#last?.caller.reject(this.#last.reason);
  };

  /** Lets who comes meanwhile have `entry`, until the store has written it. */
  keepUntil(written: Promise<unknown>, entry: CacheEntry): void {
    this.#kept = entry;
    const forget = (): void => this.#leaveFlights();
    written.then(forget, forget);
  }

  /** The work goes on for somebody else. */
  #letLastGo(): void {
    if (this.#last === undefined) return;
    clearImmediate(this.#turn);
    this.#last.caller.reject(this.#last.reason);
    this.#last = undefined;
    this.#watchGround();
  }

  /** Without the leader: the others may stand on other ground, and live longer than what the work stands on. */
  #watchGround(): void {
    this.#unwatch ??= this.#ground.subscribe((reason) => {
      this.#cancel(reason);
      this.#callers.abandonOthers();
    });
  }

  readonly #leave = (caller: Caller, reason: unknown): void => {
    const leads = caller === this.#callers.leader;
    this.#callers.remove(caller);
    if (!this.#callers.isEmpty) {
      caller.reject(reason);
      if (leads) this.#watchGround();
      return;
    }
    this.#last = { caller, reason };
    const cancelNow = (): void => {
      // The leader waits for it, as for any work of its own.
      if (leads) this.scope.parts.spans.stayWithOwner();
      if (!this.#ground.aborted) this.#turn = setImmediate(this.giveUp);
      this.#cancel(reason);
    };
    // A client that leaves may come back in the same turn. Work that has run out of time does not, and has only this turn to end in.
    if (cancelledBy(reason) === 'client') this.#turn = setImmediate(cancelNow);
    else cancelNow();
  };

  /** Who asks from now on begins anew. */
  #cancel(reason: unknown): void {
    if (this.#hasEnded) return;
    this.#isCancelled = true;
    this.#leaveFlights();
    this.scope.activate(() => this.scope.parts.cancellation.abort(reason));
  }

  #end(): void {
    this.#hasEnded = true;
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#unwatch?.();
    this.scope.parts.spans.end();
    this.scope.parts.cancellation.release();
    if (this.#kept === undefined) this.#leaveFlights();
  }

  #leaveFlights(): void {
    if (this.#flights.get(this.#key) === this) this.#flights.delete(this.#key);
    this.#kept = undefined;
  }
}
