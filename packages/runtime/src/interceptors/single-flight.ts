import { Cancellation, cancelled, cancelledBy } from '../kernel/cancellation.ts';
import { emptyContext } from '../kernel/context.ts';
import { classify } from '../kernel/outcome.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { openShared } from '../kernel/shared-work.ts';
import type { CacheEntry } from './cache-store.ts';
import { Caller } from './single-flight-caller.ts';

/** What a caller gets when the work ended by what only concerned others: it has to ask again. */
export const abandoned = Symbol('tracewright.abandoned');

/** The work that is under way, by key: who asks for a key while there is work for it waits for that work. */
export type Flights = Map<string, Flight>;

/**
 * Work that several callers wait for. It goes on until it has ended, or the last of them has left.
 *
 * A caller that leaves gets the reason for which it was cancelled at once; the last one when the work has ended, so that nothing is open below it. The work is then
 * cancelled, where a client left a turn of the event loop later and only if nobody has joined until then, and has one turn to end by itself.
 */
export class Flight {
  /** In which the work runs. */
  readonly scope: RunningScope;
  readonly key: string;
  readonly #flights: Flights;
  readonly #ground: Cancellation;
  /** The first one, below whose span the work runs, as long as it waits. */
  #leader: Caller | undefined;
  #others: Set<Caller> | undefined;
  /** The last one, once it has left. */
  #last: { readonly caller: Caller; readonly reason: unknown } | undefined;
  #turn: NodeJS.Immediate | undefined;
  #unwatch: (() => void) | undefined;
  #isCancelled = false;
  #hasEnded = false;
  #kept: CacheEntry | undefined;

  /** Opens work that `leader`, who joins then, is the first to ask for. */
  constructor(flights: Flights, key: string, leader: RunningScope) {
    this.key = key;
    this.#flights = flights;
    this.#ground = leader.parts.surroundings.ground.cancellation;
    this.scope = openShared(leader, new Cancellation(this.#ground));
    this.scope.parts.spans.onStraggling(this.giveUp);
    flights.set(key, this);
  }

  /** Whether anybody waits for what the work will give. */
  get isWanted(): boolean {
    return this.#hasCallers && !this.#isCancelled;
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
      this.#leader = new Caller(scope, resolve, reject);
      this.#leader.watch(this);
    });
  }

  /** The result of the work for another one; `abandoned` where there will be none for it. */
  join(scope: RunningScope): Promise<unknown> {
    const result = new Promise((resolve, reject) => {
      const caller = new Caller(scope, resolve, reject);
      (this.#others ??= new Set()).add(caller);
      caller.watch(this);
    });
    this.#letLastGo();
    return result;
  }

  succeed(value: unknown): void {
    if (this.#hasEnded) return;
    this.#end();
    this.#leader?.resolve(value);
    if (this.#others !== undefined) for (const caller of this.#others) caller.resolve(value);
    this.#last?.caller.reject(this.#last.reason);
  }

  fail(error: unknown): void {
    if (this.#hasEnded) return;
    const { parts, context } = this.scope;
    const failure = classify(error, parts.cancellation);
    parts.spans.fail(failure, context ?? emptyContext);
    this.#end();
    this.#leader?.reject(error);
    for (const caller of this.#others ?? []) {
      // The leader's span has it, or one below.
      if (this.#leader !== undefined) caller.scope.parts.spans.knowRecorded(error);
      caller.reject(error);
    }
    // Whoever is the last to leave gets to know what failed meanwhile, as nobody else would.
    this.#last?.caller.reject(failure.outcome === 'error' ? error : this.#last.reason);
  }

  /** Ends it without a result: nobody waits any longer, or the work does not end by itself. What that has left open is ended for it. */
  readonly giveUp = (): void => {
    if (this.#hasEnded) return;
    this.#isCancelled = true;
    this.#end();
    // The leader stands on the same ground as the work.
    this.#leader?.reject(cancelled('shutdown', `what ${this.scope.name} stood on has ended`));
    this.#abandonOthers();
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
    this.#unwatch ??= this.#ground.subscribe((reason) => this.#loseGround(reason));
  }

  leave(caller: Caller, reason: unknown): void {
    const leads = caller === this.#leader;
    if (leads) this.#leader = undefined;
    else if (this.#others?.delete(caller) !== true) return;
    if (this.#hasCallers) {
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
    // A client that leaves may come back in the same turn. One that has run out of time does not, and has only this turn for the work to end in.
    if (this.#ground.aborted || cancelledBy(reason) === 'timeout') cancelNow();
    else this.#turn = setImmediate(cancelNow);
  }

  #loseGround(reason: unknown): void {
    this.#cancel(reason);
    this.#abandonOthers();
  }

  /** Who asks from now on begins anew. */
  #cancel(reason: unknown): void {
    if (this.#hasEnded) return;
    this.#isCancelled = true;
    this.#leaveFlights();
    this.scope.activate(() => this.scope.parts.cancellation.abort(reason));
  }

  #abandonOthers(): void {
    const others = this.#others;
    this.#others = undefined;
    if (others !== undefined) for (const caller of others) caller.resolve(abandoned);
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
    if (this.#flights.get(this.key) === this) this.#flights.delete(this.key);
    this.#kept = undefined;
  }

  get #hasCallers(): boolean {
    return this.#leader !== undefined || (this.#others !== undefined && this.#others.size > 0);
  }
}
