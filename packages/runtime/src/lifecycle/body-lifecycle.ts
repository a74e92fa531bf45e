import { requireFunction, requireText } from '../kernel/check.ts';
import { badOption, TracewrightError } from '../kernel/errors.ts';
import { whatFailed } from '../kernel/fatal.ts';
import type { Operation } from '../kernel/operation.ts';
import type { OwnedStream, StreamBody, StreamOptions } from '../kernel/streams/owned-stream.ts';
import type { Body, RunOptions, Scope } from '../kernel/scope.ts';
import { type Cleanup, disposalOf } from './cleanups.ts';
import { type Heartbeat, type HeartbeatOptions, requireHeartbeatOptions } from './heartbeats.ts';
import type { Life } from './life.ts';
import type { Lifecycle, LifecycleBody, LifecycleHandle, StopOptions } from './lifecycle.ts';
import type { ForkOptions } from './lifecycle-options.ts';
import { until } from './until.ts';

/** What a body sees of its life. */
export class BodyLifecycle implements Lifecycle {
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  get name(): string {
    return this.#life.owner.name;
  }

  get path(): string {
    return this.#life.owner.path;
  }

  get scope(): Scope {
    return this.#life.scope;
  }

  get signal(): AbortSignal {
    return this.#life.signals.cancellation.signal;
  }

  get stopping(): AbortSignal {
    return this.#life.signals.stopping.signal;
  }

  get grace(): AbortSignal {
    return this.#life.signals.grace.signal;
  }

  get running(): boolean {
    const { cancellation, stopping } = this.#life.signals;
    return !cancellation.aborted && !stopping.aborted;
  }

  run<T>(operation: string | Operation, body: Body<T>, options?: RunOptions): Promise<T> {
    return this.#life.scope.run(operation, body, options);
  }

  stream<T>(operation: string | Operation, body: StreamBody<T>, options?: StreamOptions): OwnedStream<T> {
    if (this.#life.isDone) throw this.#endedBefore(typeof operation === 'string' ? operation : operation.name);
    return this.#life.scope.stream(operation, body, options);
  }

  fork(name: string, body: LifecycleBody, options?: ForkOptions): LifecycleHandle {
    const child = this.tryFork(name, body, options);
    if (child === undefined) throw this.#refused(`cannot fork ${name}`, { child: name });
    return child;
  }

  tryFork(name: string, body: LifecycleBody, options?: ForkOptions): LifecycleHandle | undefined {
    return this.#life.tryFork(name, body, options);
  }

  defer(cleanup: Cleanup): void {
    requireFunction('cleanup', cleanup);
    if (!this.#life.defer(cleanup)) throw this.#refused('cannot take a cleanup', {});
  }

  use<T extends AsyncDisposable | Disposable>(disposable: T): T {
    const cleanup = disposalOf(disposable);
    if (cleanup === undefined) throw badOption('disposable', 'an object with Symbol.asyncDispose or Symbol.dispose', disposable);
    this.defer(cleanup);
    return disposable;
  }

  heartbeat(name: string, options: HeartbeatOptions): Heartbeat {
    // It is read by people only, and a blank one tells them nothing.
    if (requireText('name', name).trim() === '') throw badOption('name', 'text with more than white space', name);
    const heartbeat = this.#life.promise(name, requireHeartbeatOptions(options));
    if (heartbeat === undefined) throw this.#refused(`cannot promise the heartbeat ${name}`, {});
    return heartbeat;
  }

  async stop(options?: StopOptions): Promise<boolean> {
    const { isDone, isContextKept, owner } = this.#life;
    // A life that is over may have been followed by another one.
    return isDone || (await owner.stopFromWithin(options, isContextKept));
  }

  terminate(reason?: unknown): void {
    if (!this.#life.isDone) this.#life.owner.terminate(reason);
  }

  fatal(error: unknown): never {
    if (this.#life.isOver) throw this.#refused('cannot fail', {});
    throw this.#life.fatal(whatFailed(error));
  }

  until<T>(source: AsyncIterable<T>): AsyncIterableIterator<T> {
    return until(source, this.#life.loopEnd);
  }

  /** As for what is run then. A stream would begin when it is read, and on the ground that is left: the runtime's. */
  #endedBefore(name: string): TracewrightError {
    return new TracewrightError('TW_SCOPE_ENDED', `${name} was started in ${this.path}, which has ended`, {
      data: { operation: name, scope: this.name },
    });
  }

  #refused(what: string, more: { readonly child?: string }): TracewrightError {
    const { path } = this;
    const { state } = this.#life;
    return new TracewrightError('TW_LIFECYCLE_STATE', `${path} ${what}: it is ${state}`, { data: { lifecycle: path, state, ...more } });
  }
}
