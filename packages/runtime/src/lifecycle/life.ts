import { attributes } from '@tracewright/conventions';
import { Cancellation, cancelled, cancelledBy } from '../kernel/cancellation.ts';
import { requireFunction } from '../kernel/check.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { openGround } from '../kernel/ground.ts';
import { changeIdentity } from '../kernel/identity.ts';
import { classify } from '../kernel/outcome.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { reportFault } from '../kernel/telemetry.ts';
import { BodyLifecycle } from './body-lifecycle.ts';
import { type Cleanup, Cleanups } from './cleanups.ts';
import { DrainDeadline } from './drain-deadline.ts';
import { callHooks } from './hooks-of-life.ts';
import { rememberLife } from './inside.ts';
import type { LifecycleBody, LifecycleHandle } from './lifecycle.ts';
import { type ForkOptions, requireLifecycleOptions, requireName } from './lifecycle-options.ts';
import { LifeSignals } from './life-signals.ts';
import type { Ending, Outcome } from './outcome.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';

/**
 * Where a life is. `starting`: hooks. `running`: the body. `draining`: the body has returned, children or operations have not. `cleaning`: cleanups.
 * `completing`: hooks again. `done`: nothing of it runs.
 */
type Phase = 'starting' | 'running' | 'draining' | 'cleaning' | 'completing' | 'done';

/** One life of a lifecycle, from its hooks to its last cleanup. A child that is restarted lives again. */
export class Life {
  readonly owner: RunningLifecycle;
  readonly scope: RunningScope;
  readonly signals: LifeSignals;
  readonly #children = new Set<RunningLifecycle>();
  readonly #cleanups: Cleanups;
  readonly #drain: DrainDeadline;
  readonly #untilGivenUp: Promise<void>;
  /** Errors that only say that this life has failed, whose failure is known. */
  readonly #told = new WeakSet<object>();
  #phase: Phase = 'starting';
  /** How it ends, as far as it is known when the cleanups begin. */
  #ending: Ending = { status: 'ok' };
  #failure: { readonly error: unknown } | undefined;
  #isGivenUp = false;
  #tellGivenUp: () => void = () => undefined;
  #tellChildless: () => void = () => undefined;

  /** @throws {TracewrightError} `TW_BAD_OPTION` for a wrong principal or identity */
  constructor(owner: RunningLifecycle) {
    const { name, path, settings, around, parent } = owner;
    this.owner = owner;
    this.signals = new LifeSignals(owner);
    const identity = changeIdentity(around.parts.identity, settings.identity);
    this.scope = openGround(around, {
      name,
      below: (parent?.scope ?? around.kernel.rootScope).parts.surroundings.ground,
      cancellation: this.signals.cancellation,
      as: settings.as,
      identity: { replace: { ...identity, [attributes.componentPath.key]: path } },
    });
    this.#untilGivenUp = new Promise((resolve) => {
      this.#tellGivenUp = resolve;
    });
    this.#cleanups = new Cleanups({
      name,
      timeoutMs: settings.cleanupTimeoutMs,
      onFailed: (error) => owner.log.add({ path, error, during: 'cleanup' }),
      onStuck: (turn) => owner.log.addStuck(`${path} > ${turn}`),
    });
    const [onExpired, onGivenUp] = [() => this.#expire(), () => this.giveUp()];
    this.#drain = new DrainDeadline(around.clock, { timeoutMs: settings.drainTimeoutMs, onExpired, onGivenUp });
    rememberLife(this);
    this.signals.follow(this.scope, () => this.#drain.start());
    this.scope.parts.spans.onStraggling(() => {
      this.#cleanups.abandon();
      this.giveUp();
    });
  }

  /** Lives from beginning to end, in this order. Never rejects. */
  async live(): Promise<Outcome> {
    return await this.scope.activate(async () => {
      const { owner } = this;
      const hooks = owner.settings.onStarted.map((hook) => () => hook(owner));
      const started = callHooks(`onStarted of ${owner.path}`, hooks);
      if (started !== undefined) await this.#unlessGivenUp(started);
      if (!this.signals.cancellation.aborted) await this.#runBody();
      await this.#waitForWork();
      await this.#cleanups.run(this.scope);
      return await this.#complete();
    });
  }

  /** What this life waits for now. */
  waitingFor(): string[] {
    const [step, operations] = this.#ownWork();
    return [...step, ...Array.from(this.#children, ({ path }) => path), ...operations];
  }

  /** How this life stands among the open spans of the one above. */
  *openPaths(): Generator<string> {
    const { spans } = this.scope.parts;
    if (spans.ended) return;
    const paths = [...spans.openPaths(`${this.owner.name} > `)];
    yield* paths.length === 0 ? [this.owner.name] : paths;
  }

  get isDone(): boolean {
    return this.#phase === 'done';
  }

  /** Whether the cleanups are over. */
  get isOver(): boolean {
    return this.#phase === 'completing' || this.#phase === 'done';
  }

  /** @returns `undefined` where the state does not allow it */
  tryFork(name: string, body: LifecycleBody, options: ForkOptions = {}): LifecycleHandle | undefined {
    requireName(name);
    requireFunction('body', body);
    const settings = requireLifecycleOptions(options, this.owner.settings);
    if (this.state !== 'running') return undefined;
    const child = this.owner.fork(this, { name, body, settings });
    this.#children.add(child);
    return child.begin();
  }

  /** For messages: why nothing more may be started, else `running`. */
  get state(): 'running' | 'stopping' | 'terminated' | 'failed' | 'cleaning up' | 'done' {
    if (this.isOver) return 'done';
    if (this.#phase === 'cleaning') return 'cleaning up';
    if (this.#failure !== undefined) return 'failed';
    if (this.signals.cancellation.aborted) return 'terminated';
    return this.signals.stopping.aborted ? 'stopping' : 'running';
  }

  /** Returns false where it is too late. */
  defer(cleanup: Cleanup): boolean {
    return !this.isOver && this.#cleanups.add(cleanup);
  }

  /** Fails this life: the first failure is its own, later ones are kept among the others. Gives the error that says so. */
  fail(error: unknown): TracewrightError {
    const { path, log } = this.owner;
    const failed = new TracewrightError('TW_LIFECYCLE_FAILED', `${path} failed`, { data: { lifecycle: path }, cause: error });
    this.#told.add(failed);
    if (this.#failure === undefined) {
      this.#failure = { error };
      this.scope.activate(() => this.signals.cancellation.abort(failed));
      this.#drain.start();
    } else if (this.#failure.error !== error) log.add({ path, error });
    return failed;
  }

  childEnded(child: RunningLifecycle, outcome: Outcome, failsParent: boolean): void {
    this.owner.log.absorb(child.path, outcome);
    if (failsParent) this.fail(outcome.error);
    this.#children.delete(child);
    if (this.#children.size === 0) this.#tellChildless();
  }

  /** Stops waiting for what does not end by itself: bodies, operations and hooks, here and below. Cleanups have deadlines of their own. */
  giveUp(): void {
    if (this.#isGivenUp || this.isDone) return;
    this.#isGivenUp = true;
    if (this.#phase !== 'cleaning') this.#logStuck();
    this.#tellGivenUp();
    for (const child of this.#children) child.giveUp();
  }

  #expire(): void {
    const { path, log, settings } = this.owner;
    const timeoutMs = settings.drainTimeoutMs;
    for (const child of this.#children) log.addStuck(child.path);
    this.#logStuck();
    const cause = new TracewrightError('TW_TIMEOUT', `${path} did not end in ${timeoutMs} ms`, { data: { timeoutMs, lifecycle: path } });
    const terminated = new TracewrightError('TW_CANCELLED', `${path} was terminated: it did not end in time`, {
      data: { by: 'shutdown' },
      cause,
    });
    this.scope.activate(() => this.signals.cancellation.abort(terminated));
  }

  #logStuck(): void {
    const { path, log } = this.owner;
    for (const name of this.#ownWork().flat()) log.addStuck(`${path} > ${name}`);
  }

  async #runBody(): Promise<void> {
    this.#phase = 'running';
    await this.#unlessGivenUp(this.#callBody());
  }

  async #callBody(): Promise<void> {
    try {
      await this.owner.body(new BodyLifecycle(this));
    } catch (error) {
      this.#bodyThrew(error);
    }
  }

  #bodyThrew(error: unknown): void {
    if (typeof error === 'object' && error !== null && this.#told.has(error)) return;
    const { cancellation, stopping } = this.signals;
    if (speaksOf(error, cancellation) || speaksOf(error, stopping)) return;
    if (this.isOver) reportFault(`the body of ${this.owner.path} failed after it had been given up`, error);
    else this.fail(error);
  }

  /** Children and operations that were not awaited; children may fork others meanwhile. */
  async #waitForWork(): Promise<void> {
    this.#phase = 'draining';
    this.#drain.start();
    const { spans } = this.scope.parts;
    for (;;) {
      if (this.#children.size > 0) await this.#childless();
      else if (this.#isGivenUp || spans.openPaths().next().done === true) break;
      else await this.#unlessGivenUp(spans.emptied(this.scope.clock));
    }
    this.#drain.clear();
    this.#ending = this.#endingOfWork();
    this.#phase = 'cleaning';
  }

  #childless(): Promise<void> {
    return new Promise((resolve) => {
      this.#tellChildless = resolve;
    });
  }

  #endingOfWork(): Ending {
    const { cancellation, stopping } = this.signals;
    if (cancellation.aborted) return { status: 'terminated', reason: cancellation.reason };
    return stopping.aborted ? { status: 'stopped', reason: stopping.reason } : { status: 'ok' };
  }

  async #complete(): Promise<Outcome> {
    const { owner, scope, signals } = this;
    this.#phase = 'completing';
    const outcome = owner.log.toOutcome(this.#failure === undefined ? this.#ending : { status: 'failed', error: this.#failure.error });
    scope.activate(() => signals.cancellation.abort(cancelled('shutdown', `${owner.path} has ended`)));
    const hooks = owner.settings.onCompleted.map((hook) => () => hook(owner, outcome));
    // Under a cancellation of their own: hooks may run operations, and the signal of the life has aborted.
    const last = scope.under(new Cancellation(), undefined);
    const completed = last.activate(() => callHooks(`onCompleted of ${owner.path}`, hooks));
    if (completed !== undefined) await this.#unlessGivenUp(completed);
    this.#phase = 'done';
    scope.parts.spans.end();
    signals.release();
    return outcome;
  }

  #unlessGivenUp(work: Promise<void>): Promise<void> {
    return Promise.race([work, this.#untilGivenUp]);
  }

  /** First the part of the order in which it is, if it waits for one, then its open operations. */
  #ownWork(): [string[], string[]] {
    switch (this.#phase) {
      case 'starting':
        return [['onStarted'], []];
      case 'running':
        return [['body'], this.#openOperations()];
      case 'draining':
        return [[], this.#openOperations()];
      case 'cleaning':
        return [[this.#cleanups.turn], []];
      case 'completing':
        return [['onCompleted'], []];
      default:
        return [[], []];
    }
  }

  /** Paths of the open spans here, without those that children stand for. */
  #openOperations(): string[] {
    const open = [...this.scope.parts.spans.openPaths()];
    for (const child of this.#children) {
      for (const path of child.openPaths()) {
        const index = open.indexOf(path);
        if (index !== -1) open.splice(index, 1);
      }
    }
    return open;
  }
}

/** Whether `error` only says that `cancellation` was aborted, as what was cancelled does. A time-out of something else in the body does not. */
function speaksOf(error: unknown, cancellation: Cancellation): boolean {
  if (!cancellation.aborted) return false;
  const failure = classify(error, cancellation);
  return failure.outcome === 'cancelled' && failure.by === cancelledBy(cancellation.reason);
}
