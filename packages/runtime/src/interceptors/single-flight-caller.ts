import { whatFailed } from '../kernel/fatal.ts';
import type { RunningScope } from '../kernel/running-scope.ts';

/** What a caller gets when the work ended by what only concerned others: it has to ask again. */
export const abandoned = Symbol('tracewright.abandoned');

/** One who waits for shared work, until the result is there or it leaves. */
export class Caller {
  readonly scope: RunningScope;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #unsubscribe: (() => void) | undefined;

  constructor(scope: RunningScope, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.scope = scope;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Has `leave` called when its own operation is cancelled before it was answered. */
  watch(leave: (caller: Caller, reason: unknown) => void): void {
    this.#unsubscribe = this.scope.own.subscribe((reason) => leave(this, reason));
  }

  resolve(value: unknown): void {
    this.#unsubscribe?.();
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.#unsubscribe?.();
    this.#reject(error);
  }
}

/** Those who wait for one piece of work. */
export class Callers {
  /** The first one, below whose span the work runs. */
  #leader: Caller | undefined;
  #others: Set<Caller> | undefined;

  get leader(): Caller | undefined {
    return this.#leader;
  }

  get isEmpty(): boolean {
    return this.#leader === undefined && (this.#others === undefined || this.#others.size === 0);
  }

  lead(caller: Caller): void {
    this.#leader = caller;
  }

  join(caller: Caller): void {
    (this.#others ??= new Set()).add(caller);
  }

  remove(caller: Caller): void {
    if (caller === this.#leader) this.#leader = undefined;
    else this.#others?.delete(caller);
  }

  /** In which those who wait do so. */
  *scopes(): Generator<RunningScope> {
    if (this.#leader !== undefined) yield this.#leader.scope;
    for (const { scope } of this.#others ?? []) yield scope;
  }

  resolve(value: unknown): void {
    this.#leader?.resolve(value);
    if (this.#others !== undefined) for (const caller of this.#others) caller.resolve(value);
  }

  reject(error: unknown): void {
    this.#leader?.reject(error);
    for (const caller of this.#others ?? []) {
      // The leader's span has it, or one below.
      if (this.#leader !== undefined) caller.scope.parts.spans.knowRecorded(whatFailed(error));
      caller.reject(error);
    }
  }

  /** Has all but the leader ask again. */
  abandonOthers(): void {
    const others = this.#others;
    this.#others = undefined;
    if (others !== undefined) for (const caller of others) caller.resolve(abandoned);
  }
}
