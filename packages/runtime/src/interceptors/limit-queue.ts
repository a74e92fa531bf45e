import { attributes } from '@tracewright/conventions';
import { type Deadline, setDeadline } from '../kernel/deadline.ts';
import type { RunningScope } from '../kernel/running-scope.ts';

/** An operation that waits for its place. */
export class Waiter {
  readonly scope: RunningScope;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  readonly #sinceMs: number;
  #unsubscribe: (() => void) | undefined;
  #deadline: Deadline | undefined;
  previous: Waiter | undefined;
  next: Waiter | undefined;

  constructor(scope: RunningScope, resolve: () => void, reject: (reason: unknown) => void) {
    this.scope = scope;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#sinceMs = scope.clock.monotonic();
  }

  watch(onCancel: (reason: unknown) => void): void {
    this.#unsubscribe = this.scope.own.subscribe(onCancel);
  }

  limit(timeoutMs: number, onTimeout: () => void): void {
    this.#deadline = setDeadline(this.scope.clock, timeoutMs, onTimeout);
  }

  letIn(): void {
    this.#end();
    this.#resolve();
  }

  refuse(reason: unknown): void {
    this.#end();
    this.#reject(reason);
  }

  #end(): void {
    this.#unsubscribe?.();
    this.#deadline?.clear();
    const waitSeconds = (this.scope.clock.monotonic() - this.#sinceMs) / 1000;
    this.scope.parts.spans.note(attributes.limitWaitTime.key, waitSeconds);
  }
}

/** Those who wait, in the order in which they came; to join and to leave takes the same time however many there are. */
export class WaitingLine {
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #length = 0;

  get first(): Waiter | undefined {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  add(waiter: Waiter): void {
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#length += 1;
  }

  /** Takes out one that is in the line. */
  remove(waiter: Waiter): void {
    if (waiter.previous === undefined) this.#first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    waiter.previous = undefined;
    waiter.next = undefined;
    this.#length -= 1;
  }
}
