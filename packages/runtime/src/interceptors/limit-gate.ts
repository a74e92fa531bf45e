import type { Clock } from '../kernel/clock.ts';
import { TracewrightError } from '../kernel/errors.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { Waiter, WaitingLine } from './limit-queue.ts';
import { StartWindow } from './limit-window.ts';

/** The options of a limit, checked. */
export interface LimitRules {
  readonly concurrency: number;
  readonly perSecond: number | undefined;
  readonly maxQueue: number;
  readonly queueTimeoutMs: number | undefined;
}

/** The places of one limit, and who waits for them. */
export class LimitGate {
  readonly #rules: LimitRules;
  readonly #window: StartWindow | undefined;
  readonly #line = new WaitingLine();
  #running = 0;
  /** Set while the first in line only waits for time to pass. */
  #cancelTimer: (() => void) | undefined;

  constructor(rules: LimitRules) {
    this.#rules = rules;
    this.#window = rules.perSecond === undefined ? undefined : new StartWindow(rules.perSecond);
  }

  /** Takes a place, where one is free and nobody waits for it. Whoever has taken one leaves it, once. */
  enter(clock: Clock): boolean {
    if (this.#running >= this.#rules.concurrency || this.#line.first !== undefined) return false;
    if (this.#window !== undefined && !this.#window.tryStart(clock.monotonic())) return false;
    this.#running += 1;
    return true;
  }

  readonly leave = (): void => {
    this.#running -= 1;
    if (this.#line.first !== undefined) this.#letIn();
  };

  /**
   * Waits for a place, and takes it.
   *
   * @throws {TracewrightError} `TW_LIMITED`; the reason of the scope's cancellation
   */
  wait(scope: RunningScope): Promise<void> {
    const { maxQueue, queueTimeoutMs } = this.#rules;
    const { name } = scope;
    if (scope.own.aborted) return Promise.reject(scope.own.reason);
    if (this.#line.length >= maxQueue) {
      const message = `${name} found the queue of its limit full, with ${maxQueue} waiting`;
      return Promise.reject(new TracewrightError('TW_LIMITED', message, { data: { why: 'queue_full', operation: name, maxQueue } }));
    }
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(scope, resolve, reject);
      this.#line.add(waiter);
      waiter.watch((reason) => this.#refuse(waiter, reason));
      if (queueTimeoutMs !== undefined) {
        waiter.limit(queueTimeoutMs, () => {
          const message = `${name} waited for ${queueTimeoutMs} ms for a place in its limit`;
          const data = { why: 'queue_timeout', operation: name, queueTimeoutMs };
          this.#refuse(waiter, new TracewrightError('TW_LIMITED', message, { data }));
        });
      }
      this.#letIn();
    });
  }

  #refuse(waiter: Waiter, reason: unknown): void {
    this.#line.remove(waiter);
    waiter.refuse(reason);
    if (this.#line.first === undefined) this.#stopTimer();
  }

  /** Gives free places to the first in line. */
  #letIn(): void {
    for (let first = this.#line.first; first !== undefined && this.#running < this.#rules.concurrency; first = this.#line.first) {
      const { clock } = first.scope;
      if (this.#window !== undefined && !this.#window.tryStart(clock.monotonic())) {
        this.#startTimer(clock, this.#window.restMs(clock.monotonic()));
        return;
      }
      this.#running += 1;
      this.#line.remove(first);
      first.letIn();
    }
    if (this.#line.first === undefined) this.#stopTimer();
  }

  #startTimer(clock: Clock, restMs: number): void {
    this.#cancelTimer ??= clock.setTimer(
      () => {
        this.#cancelTimer = undefined;
        this.#letIn();
      },
      Math.max(1, Math.ceil(restMs)),
    );
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
