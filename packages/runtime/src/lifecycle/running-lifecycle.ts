import { attributes } from '@tracewright/conventions';
import { Cancellation, cancelled } from '../kernel/cancellation.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { changeIdentity, type Identity } from '../kernel/identity.ts';
import { type Principal, requirePrincipal } from '../kernel/principal.ts';
import { guarded, reportFault } from '../kernel/telemetry.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { RestartIntensity } from './fork-policy.ts';
import type { Heartbeats } from './heartbeats.ts';
import { isInside } from './inside.ts';
import { Life } from './life.ts';
import type { LifecycleBody, LifecycleHandle, StopOptions } from './lifecycle.ts';
import { type LifecycleSettings, requireStopOptions } from './lifecycle-options.ts';
import { type LifecycleTree, type TreeState, treeOf } from './lifecycle-tree.ts';
import { OutcomeLog, type Outcome } from './outcome.ts';
import { readTime } from './read-time.ts';

/** What is to live, with its options checked. */
export interface LifecycleStart {
  readonly name: string;
  readonly body: LifecycleBody;
  readonly settings: LifecycleSettings;
}

/** What it stands on. */
export interface LifecyclePlace {
  /** Who executes, where it belongs and what caused it is taken over from here. */
  readonly around: RunningScope;
  /** The life that forks it; none for a root. */
  readonly parent: Life | undefined;
}

/** A lifecycle with all its lives: one, unless it is a child that is restarted. */
export class RunningLifecycle implements LifecycleHandle {
  readonly name: string;
  readonly path: string;
  readonly body: LifecycleBody;
  readonly settings: LifecycleSettings;
  /** These two are the same in each life, whatever becomes of the options that they were read from. */
  readonly principal: Principal | undefined;
  readonly identity: Identity;
  readonly around: RunningScope;
  readonly parent: Life | undefined;
  readonly cancellation: Cancellation;
  readonly stopping: Cancellation;
  readonly log = new OutcomeLog();
  readonly done: Promise<Outcome>;
  /** How often it has failed and lived again. */
  restarts = 0;
  readonly #startedAtMs: number;
  readonly #intensity: RestartIntensity | undefined;
  #life: Life;
  #state: 'living' | 'between lives' | 'done' = 'living';
  #endedAtMs: number | undefined;
  #failsParent = false;
  #settle: (outcome: Outcome) => void = () => undefined;

  /** @throws {TracewrightError} `TW_BAD_OPTION` for a wrong principal or identity */
  constructor({ name, body, settings }: LifecycleStart, { around, parent }: LifecyclePlace) {
    this.name = name;
    this.path = parent === undefined ? name : `${parent.owner.path}/${name}`;
    this.body = body;
    this.settings = settings;
    this.around = around;
    this.parent = parent;
    this.#startedAtMs = readTime(around.clock);
    const { kernel, parts } = around;
    this.principal = settings.as === undefined ? undefined : requirePrincipal('as', settings.as);
    this.identity = Object.freeze({ ...changeIdentity(parts.identity, settings.identity), [attributes.componentPath.key]: this.path });
    this.cancellation = new Cancellation(parent?.signals.cancellation ?? kernel.cancellation, settings.signal);
    this.stopping = new Cancellation(parent?.signals.stopping ?? kernel.stopping, settings.stopping);
    this.#intensity = settings.policy.restart === undefined ? undefined : new RestartIntensity(settings.policy.restart);
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#life = new Life(this);
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** By the clock's monotonic time; how long it has lived, where it is done. */
  get ageMs(): number {
    return (this.#endedAtMs ?? readTime(this.around.clock)) - this.#startedAtMs;
  }

  get state(): TreeState {
    return this.#state === 'living' ? this.#life.state : this.#state;
  }

  /** Below the life that it lives now, in the order in which they were started. */
  get children(): Iterable<RunningLifecycle> {
    return this.#life.children;
  }

  /** That bind the life that it lives now. */
  get heartbeats(): Heartbeats | undefined {
    return this.#life.heartbeats;
  }

  /** Calls the body. */
  begin(): this {
    void this.#run();
    return this;
  }

  async stop(options: StopOptions = {}): Promise<boolean> {
    const { timeoutMs, then } = requireStopOptions(options);
    if (!isInside(this)) return await this.stopFromOutside(timeoutMs, then);
    if (timeoutMs !== undefined && timeoutMs > 0) {
      const data = { lifecycle: this.path, state: this.#life.state };
      throw new TracewrightError('TW_LIFECYCLE_STATE', `${this.path} was to be waited for from inside, where it cannot end`, { data });
    }
    return await this.stopFromOutside(0, then);
  }

  /**
   * As `stop`, for whom the lifecycle most likely waits.
   *
   * @param isInsideKnown whether it can be told; where not, a wait without end is not begun
   */
  async stopFromWithin(options: StopOptions = {}, isInsideKnown: boolean): Promise<boolean> {
    const { timeoutMs, then } = requireStopOptions(options);
    return await (isInsideKnown || timeoutMs !== undefined ? this.stop(options) : this.stopFromOutside(0, then));
  }

  /** As `stop`, for whom the lifecycle does not wait. */
  stopFromOutside(timeoutMs?: number, then?: 'terminate'): Promise<boolean> {
    if (this.isDone) return Promise.resolve(true);
    this.stopping.abort(cancelled('shutdown', `${this.path} was asked to stop`));
    if (timeoutMs === undefined) return this.done.then(() => true);
    const escalate = (): false => {
      if (then === 'terminate') this.terminateAsLate(timeoutMs);
      return false;
    };
    if (timeoutMs === 0) return Promise.resolve(escalate());
    return new Promise((resolve) => {
      const clear = this.around.clock.setTimer(() => resolve(escalate()), timeoutMs);
      void this.done.then(() => {
        clear();
        resolve(true);
      });
    });
  }

  terminate(reason?: unknown): void {
    if (this.isDone) return;
    const cause = reason === undefined ? {} : { cause: reason };
    this.cancellation.abort(new TracewrightError('TW_CANCELLED', `${this.path} was terminated`, { data: { by: 'shutdown' }, ...cause }));
    this.#life.hurry();
  }

  /** Ends what was asked to stop, and did not in time. */
  terminateAsLate(timeoutMs: number): void {
    const data = { timeoutMs, lifecycle: this.path };
    this.terminate(new TracewrightError('TW_TIMEOUT', `${this.path} did not stop in ${timeoutMs} ms`, { data }));
  }

  waitingFor(): readonly string[] {
    if (this.isDone) return [];
    return this.#state === 'living' ? this.#life.waitingFor() : ['restart'];
  }

  tree(): LifecycleTree {
    return treeOf(this);
  }

  openPaths(): Iterable<string> {
    return this.#life.openPaths();
  }

  giveUp(): void {
    this.#life.giveUp();
  }

  /** A lifecycle below `life`, one of this lifecycle's; it has not begun. */
  fork(life: Life, start: LifecycleStart): RunningLifecycle {
    return new RunningLifecycle(start, { around: life.scope, parent: life });
  }

  async #run(): Promise<void> {
    // Whatever goes wrong in here: `done` is what others wait for.
    const outcome = await this.#live().catch((error: unknown) => this.#abandon(error));
    this.#state = 'done';
    this.#endedAtMs = readTime(this.around.clock);
    this.cancellation.release();
    this.stopping.release();
    guarded(`telling the end of ${this.path}`, () => this.parent?.childEnded(this, outcome, this.#failsParent));
    this.#settle(outcome);
  }

  #abandon(error: unknown): Outcome {
    reportFault(`${this.path} could not be ended in order`, error);
    this.#failsParent = this.settings.policy.last === 'fail';
    guarded(`ending ${this.path}`, () => this.#life.abandon());
    return this.log.toOutcome({ status: 'failed', error });
  }

  async #live(): Promise<Outcome> {
    let outcome = await this.#life.live();
    while (outcome.status === 'failed') {
      const last = await this.#betweenLives(outcome);
      if (last !== undefined) return last;
      this.restarts += 1;
      this.#life = new Life(this);
      outcome = await this.#life.live();
    }
    return outcome;
  }

  /** What follows from a failure: `undefined` where the child shall live again, else how it ends. */
  async #betweenLives(failed: Outcome): Promise<Outcome | undefined> {
    const { cancellation, stopping, around, path, parent } = this;
    // Who is ending is not started again.
    const isEnding = cancellation.aborted || stopping.aborted;
    const delayMs = isEnding ? undefined : this.#intensity?.delayAfterFailure(around.clock.monotonic());
    if (delayMs === undefined) {
      // Who is ended alone has not failed too often. In a stop of all nobody mends any more what failed.
      const isForgiven = this.#intensity !== undefined && isEnding && parent?.signals.stopping.aborted !== true;
      this.#failsParent = this.settings.policy.last === 'fail' && !isForgiven;
      return failed;
    }
    this.log.add({ path, error: failed.error });
    this.#state = 'between lives';
    const isOver = await this.#waitForRestart(delayMs);
    this.#state = 'living';
    this.#intensity?.restarted(around.clock.monotonic());
    if (!isOver) return undefined;
    return this.log.toOutcome(
      cancellation.aborted ? { status: 'terminated', reason: cancellation.reason } : { status: 'stopped', reason: stopping.reason },
    );
  }

  /** Whether the lifecycle ended meanwhile. */
  async #waitForRestart(delayMs: number): Promise<boolean> {
    const grace = new Cancellation(this.cancellation, this.stopping.signal);
    try {
      await this.around.clock.sleep(delayMs, { signal: grace.signal });
      return false;
    } catch (error) {
      if (!grace.aborted) throw error;
      return true;
    } finally {
      grace.release();
    }
  }
}
