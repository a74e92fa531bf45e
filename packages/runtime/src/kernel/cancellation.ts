import { TracewrightError, isTracewrightError } from './errors.ts';

/** Who cancelled work. `consumer` is the reader of a stream that left. */
export type CancelledBy = 'client' | 'timeout' | 'shutdown' | 'consumer';

/** The reason that Tracewright itself gives to a signal that it aborts. */
export function cancelled(by: CancelledBy, message: string): TracewrightError<'TW_CANCELLED'> {
  return new TracewrightError('TW_CANCELLED', message, { data: { by } });
}

/** Reads from an abort reason who cancelled. A foreign reason came in by a signal that the caller gave: the client. */
export function cancelledBy(reason: unknown): CancelledBy {
  if (isTracewrightError(reason, 'TW_TIMEOUT') || (reason instanceof Error && reason.name === 'TimeoutError')) return 'timeout';
  if (isTracewrightError(reason, 'TW_CANCELLED')) {
    const { by } = reason.data;
    if (by === 'timeout' || by === 'shutdown' || by === 'consumer') return by;
  }
  // What runs in a lifecycle that fails is given up by the service itself.
  return isTracewrightError(reason, 'TW_LIFECYCLE_FAILED') ? 'shutdown' : 'client';
}

type Listener = (reason: unknown) => void;

/**
 * One place at which work can be cancelled, below the places above it.
 *
 * An `AbortSignal` is made only when somebody asks for one, and a listener is put on the sources only when somebody listens here: most operations do
 * neither, and `AbortSignal.any` would keep every derived signal alive as long as its longest-lived source (nodejs/node#54614). `release` takes
 * the listeners off again; whoever derives, releases.
 */
export class Cancellation {
  readonly #parent: Cancellation | undefined;
  readonly #external: AbortSignal | undefined;
  #listeners: Set<Listener> | undefined;
  #state: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;
  #released = false;

  constructor(parent?: Cancellation, external?: AbortSignal) {
    this.#parent = parent;
    this.#external = external;
  }

  get aborted(): boolean {
    return this.#cause() !== undefined;
  }

  /** Why; `undefined` while not aborted. */
  get reason(): unknown {
    return this.#cause()?.reason;
  }

  /** The signal for the world outside. Where this place adds nothing to a single source, that source's signal itself. */
  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    this.#controller = new AbortController();
    const cause = this.#cause();
    if (cause === undefined) this.#attach();
    else this.#controller.abort(cause.reason);
    return this.#controller.signal;
  }

  /** Calls `listener` once on abort (at once when it has happened). Returns the function that takes it off. */
  subscribe(listener: Listener): () => void {
    const cause = this.#cause();
    if (cause !== undefined) {
      listener(cause.reason);
      return () => undefined;
    }
    (this.#listeners ??= new Set()).add(listener);
    this.#attach();
    return () => this.#listeners?.delete(listener);
  }

  /** Aborts here and below. The first reason stays. */
  abort(reason: unknown): void {
    if (this.#state !== undefined) return;
    this.#state = { reason };
    this.#detach();
    this.#controller?.abort(reason);
    for (const listener of [...(this.#listeners ?? [])]) listener(reason);
    this.#listeners?.clear();
  }

  /** Takes the listeners off the sources. What has happened to them stays, what happens later is no longer seen here. */
  release(): void {
    this.#state ??= this.#cause();
    this.#released = true;
    this.#detach();
    this.#listeners?.clear();
  }

  #cause(): { readonly reason: unknown } | undefined {
    if (this.#state !== undefined || this.#released) return this.#state;
    if (this.#external?.aborted) return { reason: this.#external.reason };
    return this.#parent?.aborted ? { reason: this.#parent.reason } : undefined;
  }

  #leaveSources: (() => void) | undefined;

  #attach(): void {
    if (this.#leaveSources !== undefined || this.#released) return;
    const external = this.#external;
    const onExternal = (): void => this.abort(external?.reason);
    external?.addEventListener('abort', onExternal, { once: true });
    const leaveParent = this.#parent?.subscribe((reason) => this.abort(reason));
    this.#leaveSources = () => {
      external?.removeEventListener('abort', onExternal);
      leaveParent?.();
    };
  }

  #detach(): void {
    this.#leaveSources?.();
    this.#leaveSources = undefined;
  }
}
