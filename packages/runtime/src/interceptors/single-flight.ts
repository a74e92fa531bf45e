import { Cancellation, cancelled, cancelledBy } from '../kernel/cancellation.ts';
import { emptyContext } from '../kernel/context.ts';
import { classify } from '../kernel/outcome.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { openShared } from '../kernel/shared-work.ts';
import type { CacheEntry } from './cache-store.ts';

/** What a caller gets when the work ended by what only concerned others: it has to ask again. */
export const abandoned = Symbol('tracewright.abandoned');

/** The work that is under way, by key: who asks for a key while there is work for it waits for that work. */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();

  find(key: string): Flight | undefined {
    return this.#flights.size === 0 ? undefined : this.#flights.get(key);
  }

  /** Opens work that `leader` is the first to ask for, and which runs below its span. */
  open(key: string, leader: RunningScope): Flight {
    const flight: Flight = new Flight(leader, () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    return flight;
  }
}

/**
 * Work that several callers wait for. It goes on until it has ended, or the last of them has left.
 *
 * A caller that leaves gets the reason for which it was cancelled at once; the last one when the work has ended, so that nothing is open below it. The work is then
 * cancelled, where a client left a turn of the event loop later and only if nobody has joined until then, and has one turn to end by itself.
 */
export class Flight {
  /** In which the work runs. */
  readonly scope: RunningScope;
  readonly #leader: RunningScope;
  readonly #close: () => void;
  readonly #callers = new Set<Caller>();
  #leaderWaits = true;
  #leaving: { readonly caller: Caller; readonly reason: unknown } | undefined;
  #turn: NodeJS.Immediate | undefined;
  #leaveGround: (() => void) | undefined;
  #isCancelled = false;
  #ended = false;
  #kept: CacheEntry | undefined;

  constructor(leader: RunningScope, close: () => void) {
    this.#leader = leader;
    this.#close = close;
    this.scope = openShared(leader, new Cancellation(leader.parts.surroundings.ground.cancellation));
    this.scope.parts.spans.onStraggling(this.giveUp);
  }

  /** Whether anybody waits for what the work will give. */
  get isWanted(): boolean {
    return this.#callers.size > 0 && !this.#isCancelled;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** The result, while a slow store writes it. */
  get kept(): CacheEntry | undefined {
    return this.#kept;
  }

  /** The result of the work for one caller; `abandoned` where it will have none. */
  join(scope: RunningScope): Promise<unknown> {
    this.#stay();
    return new Promise((resolve, reject) => {
      const caller = new Caller(scope, resolve, reject);
      this.#callers.add(caller);
      caller.unsubscribe = scope.parts.cancellation.subscribe((reason) => this.#leave(caller, reason));
    });
  }

  succeed(value: unknown): void {
    if (this.#ended) return;
    this.#end();
    for (const caller of this.#callers) caller.resolve(value);
    this.#callers.clear();
    this.#leaving?.caller.reject(this.#leaving.reason);
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    const { parts, context } = this.scope;
    const failure = classify(error, parts.cancellation);
    parts.spans.fail(failure, context ?? emptyContext);
    this.#end();
    for (const caller of this.#callers) {
      // The leader's span has it, or one below.
      if (this.#leaderWaits && caller.scope !== this.#leader) caller.scope.parts.spans.knowRecorded(error);
      caller.reject(error);
    }
    this.#callers.clear();
    // Whoever is the last to leave gets to know what failed meanwhile, as nobody else would.
    this.#leaving?.caller.reject(failure.outcome === 'error' ? error : this.#leaving.reason);
  }

  /** Ends it without a result: nobody waits any longer, or the work does not end by itself. What that has left open is ended for it. */
  readonly giveUp = (): void => {
    if (this.#ended) return;
    this.#isCancelled = true;
    this.#end();
    for (const caller of this.#callers) this.#abandon(caller);
    this.#callers.clear();
    this.#leaving?.caller.reject(this.#leaving.reason);
  };

  /** Lets who comes meanwhile have `entry`, until the store has written it. */
  keepUntil(written: Promise<unknown>, entry: CacheEntry): void {
    this.#kept = entry;
    written.then(this.#close, this.#close);
  }

  /** Somebody is interested again. */
  #stay(): void {
    if (this.#leaving === undefined) return;
    clearImmediate(this.#turn);
    this.#leaving.caller.reject(this.#leaving.reason);
    this.#leaving = undefined;
  }

  #leave(caller: Caller, reason: unknown): void {
    if (!this.#callers.delete(caller)) return;
    if (caller.scope === this.#leader) this.#leaderWaits = false;
    const ground = this.#ground;
    if (this.#callers.size > 0) {
      caller.reject(reason);
      // The others may stand on other ground, and live longer than what the work stands on.
      if (ground.aborted) this.#loseGround(reason);
      else if (!this.#leaderWaits) this.#leaveGround ??= ground.subscribe((lost) => this.#loseGround(lost));
      return;
    }
    this.#leaving = { caller, reason };
    // A client that leaves may come back in the same turn. One that has run out of time does not, and has only this turn for the work to end in.
    if (ground.aborted) this.#cancel(reason);
    else if (cancelledBy(reason) === 'timeout') this.#cancelAndEnd(reason);
    else this.#turn = setImmediate(() => this.#cancelAndEnd(reason));
  }

  #cancelAndEnd(reason: unknown): void {
    this.#turn = setImmediate(this.giveUp);
    this.#cancel(reason);
  }

  #loseGround(reason: unknown): void {
    this.#cancel(reason);
    for (const caller of this.#callers) this.#abandon(caller);
    this.#callers.clear();
  }

  /** Who asks from now on begins anew. */
  #cancel(reason: unknown): void {
    if (this.#ended) return;
    this.#isCancelled = true;
    this.#close();
    // The leader waits for it, as for any work of its own.
    if (this.#leaving?.caller.scope === this.#leader) this.scope.parts.spans.stayWithOwner();
    this.scope.activate(() => this.scope.parts.cancellation.abort(reason));
  }

  #abandon(caller: Caller): void {
    // The leader stands on the same ground as the work.
    if (caller.scope === this.#leader) caller.reject(cancelled('shutdown', `what ${caller.scope.name} stood on has ended`));
    else caller.resolve(abandoned);
  }

  #end(): void {
    this.#ended = true;
    clearImmediate(this.#turn);
    this.#leaveGround?.();
    this.scope.parts.spans.end();
    this.scope.parts.cancellation.release();
    if (this.#kept === undefined) this.#close();
  }

  get #ground(): Cancellation {
    return this.#leader.parts.surroundings.ground.cancellation;
  }
}

/** One who waits, until the result is there or it leaves. */
class Caller {
  readonly scope: RunningScope;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  unsubscribe: (() => void) | undefined;

  constructor(scope: RunningScope, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.scope = scope;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resolve(value: unknown): void {
    this.unsubscribe?.();
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.unsubscribe?.();
    this.#reject(error);
  }
}
