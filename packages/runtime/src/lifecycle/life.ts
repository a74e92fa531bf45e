import { currentScope } from '../kernel/ambient.ts';
import { Cancellation, cancelled } from '../kernel/cancellation.ts';
import { requireFunction } from '../kernel/check.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { openGround } from '../kernel/ground.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { reportFault } from '../kernel/telemetry.ts';
import { BodyLifecycle } from './body-lifecycle.ts';
import { type Cleanup, Cleanups } from './cleanups.ts';
import { DrainDeadline } from './drain-deadline.ts';
import { type Heartbeat, type HeartbeatOptions, Heartbeats } from './heartbeats.ts';
import { HookHandle } from './hook-handle.ts';
import { callHooks } from './hooks-of-life.ts';
import { rememberLife } from './inside.ts';
import { LeavingSources } from './leaving-sources.ts';
import { LifeFailure } from './life-failure.ts';
import { LifeSignals } from './life-signals.ts';
import type { LifeState, StateName } from './life-state.ts';
import type { LifecycleBody, LifecycleHandle } from './lifecycle.ts';
import { type ForkOptions, requireLifecycleOptions, requireName } from './lifecycle-options.ts';
import { OpenWork } from './open-work.ts';
import type { Outcome } from './outcome.ts';
import { Patience } from './patience.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';
import type { LoopEnd } from './until.ts';

/** One life of a lifecycle, from its hooks to its last cleanup. A child that is restarted lives again. */
export class Life {
  readonly owner: RunningLifecycle;
  readonly scope: RunningScope;
  readonly signals: LifeSignals;
  readonly #handle = new HookHandle(this);
  readonly #work: OpenWork<RunningLifecycle>;
  readonly #sources: LeavingSources;
  readonly #cleanups: Cleanups;
  readonly #drain: DrainDeadline;
  readonly #patience = new Patience();
  readonly #failure: LifeFailure;
  #state: LifeState = { at: 'starting' };
  #heartbeats: Heartbeats | undefined;
  #isContextKept = false;

  constructor(owner: RunningLifecycle) {
    const { name, path, settings, around, parent } = owner;
    this.owner = owner;
    this.signals = new LifeSignals(owner);
    this.#failure = new LifeFailure(owner, parent === undefined ? undefined : parent.#failure);
    this.scope = openGround(around, {
      name,
      below: (parent?.scope ?? around.kernel.rootScope).parts.surroundings.ground,
      cancellation: this.signals.cancellation,
      as: owner.principal,
      identity: { replace: owner.identity },
    });
    const { spans } = this.scope.parts;
    this.#work = new OpenWork(spans);
    this.#sources = new LeavingSources(around.clock, {
      onFailed: (error) => this.#leavingFailed(error),
      onLate: () => reportFault(`a source of ${path} did not let itself be left in time`),
    });
    this.#cleanups = new Cleanups({
      name,
      path,
      timeoutMs: settings.cleanupTimeoutMs,
      onFailed: (error) => owner.log.add({ path, error, during: 'cleanup' }),
      onStuck: (turn) => owner.log.addStuck(`${path} > ${turn}`),
    });
    const [onExpired, onGivenUp] = [() => this.#expire(), () => this.giveUp()];
    this.#drain = new DrainDeadline(around.clock, { timeoutMs: settings.drainTimeoutMs, onExpired, onGivenUp });
    rememberLife(this);
    this.signals.follow(this.scope, () => this.#drain.start());
    spans.onStraggling(() => {
      this.#cleanups.abandon();
      this.giveUp();
    });
  }

  /** Lives from beginning to end, in this order. Rejects only where the machinery fails, never for what bodies, cleanups or hooks do. */
  async live(): Promise<Outcome> {
    return await this.scope.activate(async () => {
      const { owner, scope, signals } = this;
      this.#isContextKept = currentScope() === scope;
      const hooks = owner.settings.onStarted.map((hook) => () => hook(this.#handle));
      const started = callHooks(`onStarted of ${owner.path}`, hooks);
      if (started !== undefined) await this.#patience.waitUnless(signals.cancellation, started);
      const isOver = signals.cancellation.aborted || (owner.restarts > 0 && signals.stopping.aborted);
      if (!isOver) await this.#runBody();
      await this.#waitForWork();
      await this.#cleanups.run(scope);
      return await this.#complete();
    });
  }

  /** What this life waits for now. */
  waitingFor(): string[] {
    const [step, operations] = this.#ownWork();
    return [...step, ...Array.from(this.#work.children, ({ path }) => path), ...operations];
  }

  /** What runs below, in the order in which it was started. */
  get children(): Iterable<RunningLifecycle> {
    return this.#work.children;
  }

  /** What this life has promised, as long as that binds it: loops end with a stop, and the cleanups have deadlines. */
  get heartbeats(): Heartbeats | undefined {
    const { at } = this.#state;
    const isEnding = this.signals.stopping.aborted || (at !== 'starting' && at !== 'running' && at !== 'draining');
    return isEnding ? undefined : this.#heartbeats;
  }

  /** How this life stands among the open spans of the one above. */
  *openPaths(): Generator<string> {
    const { spans } = this.scope.parts;
    if (spans.ended) return;
    const paths = [...spans.openPaths(`${this.owner.name} > `)];
    yield* paths.length === 0 ? [this.owner.name] : paths;
  }

  get isDone(): boolean {
    return this.#state.at === 'done';
  }

  /** Whether the cleanups are over. */
  get isOver(): boolean {
    return this.#state.at === 'completing' || this.isDone;
  }

  /** Whether it can be told what runs inside: without a context manager nothing can. */
  get isContextKept(): boolean {
    return this.#isContextKept;
  }

  get state(): StateName {
    if (this.isOver) return 'done';
    if (this.#state.at === 'cleaning') return 'cleaning up';
    if (this.#failure.first !== undefined) return 'failed';
    if (this.signals.cancellation.aborted) return 'terminated';
    return this.signals.stopping.aborted ? 'stopping' : 'running';
  }

  /** @returns `undefined` where the state does not allow it */
  tryFork(name: string, body: LifecycleBody, options: ForkOptions = {}): LifecycleHandle | undefined {
    requireName(name);
    requireFunction('body', body);
    const settings = requireLifecycleOptions(options, this.owner.settings);
    if (this.state !== 'running') return undefined;
    const child = this.owner.fork(this, { name, body, settings });
    this.#work.add(child);
    return child.begin();
  }

  childEnded(child: RunningLifecycle, outcome: Outcome, failsParent: boolean): void {
    this.owner.log.absorb(child.path, outcome);
    if (failsParent) this.fail(outcome.error);
    this.#work.remove(child);
  }

  /** Returns false where it is too late. */
  defer(cleanup: Cleanup): boolean {
    return !this.isOver && this.#cleanups.add(cleanup);
  }

  /** @returns `undefined` where it is too late */
  promise(name: string, options: HeartbeatOptions): Heartbeat | undefined {
    if (this.isOver) return undefined;
    this.#heartbeats ??= new Heartbeats(this.scope.clock);
    return this.#heartbeats.promise(name, options);
  }

  /** Fails this life: the first failure is its own. */
  fail(error: unknown): void {
    const reason = this.#failure.add(error);
    if (reason === undefined) return;
    this.scope.activate(() => this.signals.cancellation.abort(reason));
    this.#drain.start();
  }

  /** As `fail`, from within the work that failed. Gives what is to be thrown there. */
  fatal(error: unknown): TracewrightError {
    this.fail(error);
    return this.#failure.thrownFor(error);
  }

  /** Stops waiting for what does not end by itself: bodies, operations and hooks, here and below. Cleanups have deadlines of their own. */
  giveUp(): void {
    if (this.#patience.isOver || this.isDone) return;
    if (this.#state.at !== 'cleaning') this.#logStuck();
    this.#patience.giveUp();
    for (const child of this.#work.children) child.giveUp();
  }

  /** Leaves nothing open where living itself has failed. */
  abandon(): void {
    if (this.isDone) return;
    this.#state = { at: 'done' };
    this.#drain.clear();
    this.#sources.close();
    this.scope.activate(() => this.signals.cancellation.abort(cancelled('shutdown', `${this.owner.path} has ended`)));
    this.scope.parts.spans.end();
    this.signals.release();
  }

  /** Somebody asks for the end once more: hooks at the end are not waited for any longer. */
  hurry(): void {
    if (this.#state.at === 'completing') this.#patience.giveUp();
  }

  async #runBody(): Promise<void> {
    this.#state = { at: 'running' };
    await this.#patience.waitFor(this.#callBody());
  }

  async #callBody(): Promise<void> {
    try {
      await this.owner.body(new BodyLifecycle(this));
    } catch (error) {
      if (!this.#failure.isTold(error) && !this.signals.explain(error)) this.#bodyFailed(error);
    }
  }

  /** What ends the loops of the body. */
  get loopEnd(): LoopEnd {
    return { grace: this.signals.grace, leaving: (left) => this.#sources.add(left) };
  }

  #leavingFailed(error: unknown): void {
    const { path, log } = this.owner;
    if (this.isOver) reportFault(`leaving a source of ${path} failed`, error);
    else log.add({ path, error });
  }

  #bodyFailed(error: unknown): void {
    if (this.isOver) reportFault(`the body of ${this.owner.path} failed after it had been given up`, error);
    else this.fail(error);
  }

  /** Children and operations that were not awaited, and sources that are being left; children may fork others meanwhile. */
  async #waitForWork(): Promise<void> {
    this.#state = { at: 'draining' };
    for (;;) {
      if (this.#work.hasChildren) await this.#work.childless();
      else if (this.#work.hasOperations && !this.#patience.isOver) await this.#patience.waitFor(this.#work.emptied(this.scope.clock));
      else if (this.#sources.hasSome && !this.#patience.isOver) await this.#patience.waitFor(this.#sources.left());
      else break;
    }
    this.#sources.close();
    this.#drain.clear();
    this.#state = { at: 'cleaning', ending: this.signals.ending };
  }

  #expire(): void {
    // A source that is silent mostly takes for ever to be left: that ends no life by force.
    if (this.#state.at === 'draining' && !this.#work.hasChildren && !this.#work.hasOperations) {
      this.#sources.giveUp();
      return;
    }
    const { path, log, settings } = this.owner;
    const timeoutMs = settings.drainTimeoutMs;
    for (const child of this.#work.children) log.addStuck(child.path);
    this.#logStuck();
    const cause = new TracewrightError('TW_TIMEOUT', `${path} did not end in ${timeoutMs} ms`, { data: { timeoutMs, lifecycle: path } });
    const reason = new TracewrightError('TW_CANCELLED', `${path} was terminated: it did not end in time`, {
      data: { by: 'shutdown' },
      cause,
    });
    this.scope.activate(() => this.signals.cancellation.abort(reason));
  }

  #logStuck(): void {
    const { path, log } = this.owner;
    for (const name of this.#ownWork().flat()) log.addStuck(`${path} > ${name}`);
  }

  async #complete(): Promise<Outcome> {
    const { owner, scope, signals } = this;
    const ending = this.#state.at === 'cleaning' ? this.#state.ending : signals.ending;
    const failure = this.#failure.first;
    const outcome = owner.log.toOutcome(failure === undefined ? ending : { status: 'failed', error: failure.error });
    this.#state = { at: 'completing' };
    scope.activate(() => signals.cancellation.abort(cancelled('shutdown', `${owner.path} has ended`)));
    const hooks = owner.settings.onCompleted.map((hook) => () => hook(this.#handle, outcome));
    // Under a cancellation of their own: hooks may run operations, and the signal of the life has aborted.
    const last = scope.under(new Cancellation(), undefined);
    const completed = last.activate(() => callHooks(`onCompleted of ${owner.path}`, hooks));
    if (completed !== undefined) await this.#untilCompleted(completed);
    this.#state = { at: 'done' };
    scope.parts.spans.end();
    signals.release();
    return outcome;
  }

  /** Hooks at the end have as long as the end itself. */
  async #untilCompleted(completed: Promise<void>): Promise<void> {
    const { drainTimeoutMs } = this.owner.settings;
    const clear = drainTimeoutMs === undefined ? () => undefined : this.scope.clock.setTimer(() => this.#patience.giveUp(), drainTimeoutMs);
    const { cancellation } = this.owner;
    await (cancellation.aborted ? this.#patience.waitFor(completed) : this.#patience.waitUnless(cancellation, completed));
    clear();
  }

  /** First the step that it waits for, if it is in one, then its open operations. */
  #ownWork(): [string[], string[]] {
    switch (this.#state.at) {
      case 'starting':
        return [['onStarted'], []];
      case 'running':
        return [['body'], this.#work.operations()];
      case 'draining':
        return [[], [...this.#work.operations(), ...(this.#sources.hasSome ? ['source'] : [])]];
      case 'cleaning':
        return [[this.#cleanups.turn], []];
      case 'completing':
        return [['onCompleted'], []];
      default:
        return [[], []];
    }
  }
}
