import { isObject } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';

/** A failure below a lifecycle that did not fail it, or an error of a cleanup or of a source that was left. */
export interface LifecycleFailure {
  /** Path of the lifecycle that it happened in. */
  readonly path: string;
  readonly error: unknown;
  /** Only where a cleanup failed. */
  readonly during?: 'cleanup';
}

/** How a lifecycle ended, with all that ran in it. */
export interface Outcome {
  /**
   * `ok`: the body returned, and all that it started ended by itself. `stopped`: the same after somebody had asked it to stop. `terminated`: its signal was aborted.
   * `failed`: the body threw something of its own, `fatal` was called, or a child failed it.
   */
  readonly status: 'ok' | 'stopped' | 'terminated' | 'failed';
  /** What failed it, unchanged. Only of `failed`. */
  readonly error?: unknown;
  /** The reason of the signal that aborted: of `stopping` where it was stopped, of `signal` where it was terminated. */
  readonly reason?: unknown;
  /** Failures of children (also of those that failed this lifecycle, and of lives before a restart), later failures of its own, and errors of cleanups and of sources that were left. */
  readonly failures: readonly LifecycleFailure[];
  /** How many failures more there were than are kept. Only where there were. */
  readonly failuresOmitted?: number;
  /** What did not end in the time that it had, by path and name. */
  readonly stuck: readonly string[];
}

/** How a lifecycle ended by itself, before what happened below is added. */
export type Ending = Pick<Outcome, 'status' | 'error' | 'reason'>;

/** Of each kind of failure, and of what was stuck, so many are kept: a lifecycle that lives long must not collect without end. */
const maxKept = 100;

/** What went wrong in a lifecycle and below, collected while it lives. */
export class OutcomeLog {
  readonly #failed: LifecycleFailure[] = [];
  readonly #cleanupFailed: LifecycleFailure[] = [];
  readonly #stuck = new Set<string>();
  #omitted = 0;

  add(failure: LifecycleFailure): void {
    const list = failure.during === 'cleanup' ? this.#cleanupFailed : this.#failed;
    if (list.length < maxKept) list.push(failure);
    else this.#omitted += 1;
  }

  addStuck(name: string): void {
    if (this.#stuck.size < maxKept) this.#stuck.add(name);
    else if (!this.#stuck.has(name)) this.#stuck.add('more');
  }

  /** Takes over what happened in the child at `path`. */
  absorb(path: string, child: Outcome): void {
    for (const failure of child.failures) this.add(failure);
    this.#omitted += child.failuresOmitted ?? 0;
    if (child.status === 'failed') this.add({ path, error: child.error });
    for (const name of child.stuck) this.addStuck(name);
  }

  toOutcome(ending: Ending): Outcome {
    const failures = Object.freeze([...this.#failed, ...this.#cleanupFailed]);
    const omitted = this.#omitted === 0 ? {} : { failuresOmitted: this.#omitted };
    return Object.freeze({ ...ending, failures, ...omitted, stuck: Object.freeze([...this.#stuck]) });
  }
}

/**
 * The exit code of a program whose work was one lifecycle: 0 where it ended well or was asked to stop, and did so cleanly; 1 where it failed or was terminated,
 * where a cleanup failed, or where something was stuck.
 *
 * Terminated is 1 and not 128 plus the number of a signal: those codes say that a signal killed the process, and here it ends by itself, often for another reason.
 * Failures of children that were isolated or restarted do not count: isolating them is the decision to go on.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for anything but an outcome, as a handle or a promise that was not awaited
 */
export function exitCode(outcome: Outcome): number {
  const { status, failures, stuck } = requireOutcome(outcome);
  const isGood = status === 'ok' || status === 'stopped';
  return isGood && stuck.length === 0 && !failures.some(({ during }) => during === 'cleanup') ? 0 : 1;
}

const statuses: readonly unknown[] = ['ok', 'stopped', 'terminated', 'failed'] satisfies Outcome['status'][];

function requireOutcome(value: Outcome): Outcome {
  const { status, failures, stuck }: Partial<Record<keyof Outcome, unknown>> = isObject(value) ? value : {};
  if (!statuses.includes(status) || !Array.isArray(failures) || !Array.isArray(stuck))
    throw badOption('outcome', 'the outcome that `done` of a lifecycle gives', value);
  return value;
}
