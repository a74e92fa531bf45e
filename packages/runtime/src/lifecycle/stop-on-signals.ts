import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { systemClock } from '../kernel/clock.ts';
import { badOption } from '../kernel/errors.ts';
import { guarded } from '../kernel/telemetry.ts';
import { HookHandle } from './hook-handle.ts';
import type { LifecycleHandle } from './lifecycle.ts';
import { RunningLifecycle } from './running-lifecycle.ts';

/** Where signals come from; `process` is one. */
export interface SignalSource {
  readonly pid?: number | undefined;
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  off(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  listenerCount(name: NodeJS.Signals): number;
  kill?(pid: number, name: NodeJS.Signals): unknown;
}

/** What a signal did: asked for a polite stop, terminated, nothing, or was given back to what the process does by default. */
export type SignalAction = 'stop' | 'terminate' | 'ignore' | 'default';

export interface SignalOptions {
  /** Default `SIGINT` and `SIGTERM`. */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** How long after the first signal the lifecycle is terminated, in milliseconds. Default: never. */
  readonly terminateAfterMs?: number | undefined;
  /** Default: this process. */
  readonly process?: SignalSource | undefined;
  /** Told of each signal and what it did. What it throws is reported. */
  readonly onSignal?: ((name: NodeJS.Signals, action: SignalAction) => void) | undefined;
}

/**
 * Has signals of the process end `handle` as people and orchestrators expect: the first one asks it to stop, a further `SIGINT` terminates it, and one more does what
 * it does by default, which ends the process. Other signals are ignored after the first: an orchestrator that repeats itself must not cut work short.
 *
 * Until the lifecycle is done, or this is disposed of, the process is kept alive; then the listeners go.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong option, or a handle that is not of this runtime
 * @example
 * const app = runtime.lifecycle('app', serve);
 * stopOnSignals(app, { terminateAfterMs: 25_000 });
 * process.exitCode = exitCode(await app.done);
 */
export function stopOnSignals(handle: LifecycleHandle, options: SignalOptions = {}): Disposable {
  requireKnownKeys('options', requirePlainObject('options', options), ['signals', 'terminateAfterMs', 'process', 'onSignal']);
  const { signals = ['SIGINT', 'SIGTERM'], terminateAfterMs, onSignal, process: source = process } = options;
  const lifecycle = requireLifecycle(handle);
  if (!Array.isArray(signals) || signals.length === 0) throw badOption('signals', 'an array of names of signals', signals);
  if (terminateAfterMs !== undefined) requirePositive('terminateAfterMs', terminateAfterMs);
  if (onSignal !== undefined) requireFunction('onSignal', onSignal);
  const watch = new SignalWatch(lifecycle, { signals, terminateAfterMs, source, onSignal });
  watch.start();
  return watch;
}

function requireLifecycle(handle: unknown): RunningLifecycle {
  if (handle instanceof HookHandle) return handle.owner;
  if (!(handle instanceof RunningLifecycle)) throw badOption('handle', 'what runtime.lifecycle or fork gave', handle);
  return handle;
}

interface WatchSettings extends Pick<SignalOptions, 'terminateAfterMs' | 'onSignal'> {
  readonly signals: readonly NodeJS.Signals[];
  readonly source: SignalSource;
}

class SignalWatch implements Disposable {
  readonly #lifecycle: RunningLifecycle;
  readonly #settings: WatchSettings;
  #last: 'none' | 'stop' | 'terminate' = 'none';
  #letGo: (() => void) | undefined;

  constructor(lifecycle: RunningLifecycle, settings: WatchSettings) {
    this.#lifecycle = lifecycle;
    this.#settings = settings;
  }

  start(): void {
    const { signals, source } = this.#settings;
    for (const name of signals) source.on(name, this.#onSignal);
    // Listeners for signals keep no process alive, and what waits to be stopped may have nothing else.
    if (source === process) this.#letGo = systemClock.setTimer(() => undefined, Number.POSITIVE_INFINITY);
    void this.#lifecycle.done.then(() => this[Symbol.dispose]());
  }

  [Symbol.dispose](): void {
    const { signals, source } = this.#settings;
    for (const name of signals) source.off(name, this.#onSignal);
    this.#letGo?.();
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    const { terminateAfterMs, onSignal } = this.#settings;
    const action = this.#actionOf(name);
    guarded('onSignal', () => onSignal?.(name, action));
    if (action === 'ignore') return;
    if (action === 'default') {
      this.#giveBack(name);
      return;
    }
    this.#last = action;
    // Not `stop`: a listener runs in the context in which it was put on, which may be inside the lifecycle.
    if (action === 'terminate') this.#lifecycle.terminate(new Error(name));
    else void this.#lifecycle.stopFromOutside(terminateAfterMs, 'terminate');
  };

  #actionOf(name: NodeJS.Signals): SignalAction {
    if (this.#last === 'none') return 'stop';
    if (name !== 'SIGINT') return 'ignore';
    return this.#last === 'stop' ? 'terminate' : 'default';
  }

  #giveBack(name: NodeJS.Signals): void {
    const { source } = this.#settings;
    source.off(name, this.#onSignal);
    // Others who listen have had the signal already.
    if (source.listenerCount(name) === 0 && source.pid !== undefined) source.kill?.(source.pid, name);
  }
}
