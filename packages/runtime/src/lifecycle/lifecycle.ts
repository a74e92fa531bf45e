import type { Operation } from '../kernel/operation.ts';
import type { OwnedStream, StreamBody, StreamOptions } from '../kernel/streams/owned-stream.ts';
import type { Body, RunOptions, Scope } from '../kernel/scope.ts';
import type { Cleanup } from './cleanups.ts';
import type { Heartbeat, HeartbeatOptions } from './heartbeats.ts';
import type { ForkOptions } from './lifecycle-options.ts';
import type { LifecycleTree } from './lifecycle-tree.ts';
import type { Outcome } from './outcome.ts';

/** The body of a lifecycle. It is called at once, as an async function is; what it gives is waited for and not used. */
export type LifecycleBody = (lifecycle: Lifecycle) => unknown;

export interface StopOptions {
  /** The longest to wait for the end, in milliseconds; 0 only asks. Default: without end. */
  readonly timeoutMs?: number | undefined;
  /** What to do when `timeoutMs` is over. Default: nothing more. */
  readonly then?: 'terminate' | undefined;
}

/** A lifecycle as who started it sees it. */
export interface LifecycleHandle {
  readonly name: string;
  /** The names from the root lifecycle down to this one, joined by `/`. */
  readonly path: string;
  /** Resolves when the lifecycle has ended, with all that runs in it; every span of it has ended then. Never rejects. */
  readonly done: Promise<Outcome>;
  /**
   * Asks this lifecycle and all below it to stop: `stopping` and `grace` abort, `signal` does not. May be called again, by anybody.
   *
   * From inside the lifecycle it only asks, without a `timeoutMs` or with 0: waiting there could only be for itself. What runs inside is known by the context manager
   * of the host: where none is registered, a wait for this handle from inside has no end. The handle that hooks get, and `stop` of what a body gets, need none.
   *
   * @returns whether the lifecycle ended in time
   * @throws {TracewrightError} `TW_LIFECYCLE_STATE` from inside, when it shall wait; `TW_BAD_OPTION` for a wrong option
   */
  stop(options?: StopOptions): Promise<boolean>;
  /** Ends this lifecycle and all below it: `signal` and `grace` abort, with `TW_CANCELLED` by `shutdown` whose cause is `reason`. */
  terminate(reason?: unknown): void;
  /** For what the lifecycle waits right now: `body`, paths of its children, names of its open operations, `source` where one is being left, or which cleanup. */
  waitingFor(): readonly string[];
  /** What runs in it right now, down to the last fork: plain, frozen data. `renderTree` makes text of it. */
  tree(): LifecycleTree;
}

/**
 * A lifecycle as its body sees it: a long-lived owner of work, which has no span itself. What runs in it are roots of their own, linked to the span that was
 * active where the lifecycle was started.
 */
export interface Lifecycle {
  readonly name: string;
  readonly path: string;
  /** In which operations of the lifecycle start; nothing is active in it. */
  readonly scope: Scope;
  /** Aborts when work must end: on `terminate`, when the lifecycle fails, when the one above is terminated, and at the very end. */
  readonly signal: AbortSignal;
  /** Aborts when the lifecycle is asked to stop politely, and on nothing else. */
  readonly stopping: AbortSignal;
  /** Aborts on either of the two, with the reason of the first: for what waits for new work. */
  readonly grace: AbortSignal;
  /** Whether work shall go on: neither stopping nor aborted. */
  readonly running: boolean;

  /** As `scope.run`: a root. */
  run<T>(operation: string | Operation, body: Body<T>, options?: RunOptions): Promise<T>;
  /**
   * As `scope.stream`: a root.
   *
   * @throws {TracewrightError} `TW_SCOPE_ENDED` after the end
   */
  stream<T>(operation: string | Operation, body: StreamBody<T>, options?: StreamOptions): OwnedStream<T>;

  /**
   * Starts a lifecycle below this one, which waits for it before its own cleanups. Who executes and where work belongs is taken over from this one.
   *
   * @throws {TracewrightError} `TW_LIFECYCLE_STATE` when this one is stopping, terminated, failed, cleaning up or done; `TW_BAD_OPTION`
   */
  fork(name: string, body: LifecycleBody, options?: ForkOptions): LifecycleHandle;
  /** As `fork`, but `undefined` where the state does not allow it: losing a race with a stop is no mistake. */
  tryFork(name: string, body: LifecycleBody, options?: ForkOptions): LifecycleHandle | undefined;

  /**
   * Has `cleanup` called at the end: the last one first, each after the one before, whatever fails. One that is registered by a cleanup runs next.
   *
   * @throws {TracewrightError} `TW_LIFECYCLE_STATE` after the cleanups
   */
  defer(cleanup: Cleanup): void;
  /**
   * Promises to call `beat` at least every `withinMs`. A promise that is not kept is seen in the `tree`, and ends the liveness of a deployment.
   *
   * It binds until it is stopped, the lifecycle is asked to stop, or its cleanups begin; each life of a restarted child makes its own. It sets no timer.
   *
   * @throws {TracewrightError} `TW_LIFECYCLE_STATE` after the cleanups; `TW_BAD_OPTION`
   * @example
   * using poll = l.heartbeat('poll', { withinMs: 30_000 });
   * while (l.running) {
   *   poll.beat();
   *   await handle(await queue.take({ waitMs: 10_000, signal: l.grace }));
   * }
   */
  heartbeat(name: string, options: HeartbeatOptions): Heartbeat;
  /** Has `disposable` disposed of as a cleanup, asynchronously where it can be; returns it. */
  use<T extends AsyncDisposable | Disposable>(disposable: T): T;

  stop(options?: StopOptions): Promise<boolean>;
  terminate(reason?: unknown): void;
  /**
   * Fails the lifecycle, whoever catches what this throws: its signal aborts at once, and the outcome is `failed` with `error`. The first failure counts.
   *
   * @throws {TracewrightError} always: `TW_LIFECYCLE_FAILED` with `error` as its cause; `TW_LIFECYCLE_STATE` after the end
   */
  fatal(error: unknown): never;

  /**
   * The items of `source` until the lifecycle stops or aborts; then the loop ends and the source is left by its `return`. An item that is under way then is
   * dropped: work that must not lose one asks for it with `grace`.
   *
   * The loop does not wait until the source has been left, but the lifecycle does before its cleanups, for a second and no longer than its drain deadline. An error
   * of the source then is among the `failures` of the outcome.
   */
  until<T>(source: AsyncIterable<T>): AsyncIterableIterator<T>;
}
