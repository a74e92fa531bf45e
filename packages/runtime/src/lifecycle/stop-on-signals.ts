import { systemClock } from '../kernel/clock.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { guarded } from '../kernel/telemetry.ts';
import { setIdleTimer } from './idle-timer.ts';
import type { LifecycleHandle } from './lifecycle.ts';
import { requireLifecycle } from './require-lifecycle.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';
import { requireSignalOptions, type SignalAction, type SignalOptions, type SignalSettings } from './signal-options.ts';

/**
 * Has signals of the process end `handle` as people and orchestrators expect: the first one asks it to stop, a further `SIGINT` terminates it, and one more does what
 * it does by default, which ends the process. Other signals are ignored after the first, and for `settleMs` after the end: an orchestrator that repeats itself must not cut
 * work short.
 *
 * Until the lifecycle is done, or this is disposed of, the process is kept alive. Disposing also calls off the termination after `terminateAfterMs`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong option, a signal that cannot be listened to, or a handle that is not of this runtime
 * @example
 * const app = runtime.lifecycle('app', serve);
 * stopOnSignals(app, { terminateAfterMs: 25_000 });
 * process.exitCode = exitCode(await app.done);
 */
export function stopOnSignals(handle: LifecycleHandle, options: SignalOptions = {}): Disposable {
  const settings = requireSignalOptions(options);
  const watch = new SignalWatch(requireLifecycle(handle), settings);
  watch.start();
  return watch;
}

class SignalWatch implements Disposable {
  readonly #lifecycle: RunningLifecycle;
  readonly #settings: SignalSettings;
  #last: 'none' | 'stop' | 'terminate' | 'done' = 'none';
  /** Lets go of what keeps the process alive until the end. */
  #letGo: (() => void) | undefined;
  /** Clears the timer that runs now: of the termination before the end, of the settling after it. */
  #clear: (() => void) | undefined;
  #disposed = false;

  constructor(lifecycle: RunningLifecycle, settings: SignalSettings) {
    this.#lifecycle = lifecycle;
    this.#settings = settings;
  }

  start(): void {
    const { signals, source } = this.#settings;
    for (const name of signals) this.#listen(name);
    // Listeners for signals keep no process alive, and what waits to be stopped may have nothing else.
    if (source === process) this.#letGo = systemClock.setTimer(() => undefined, Number.POSITIVE_INFINITY);
    void this.#lifecycle.done.then(() => this.#settle());
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    const { signals, source } = this.#settings;
    for (const name of signals) source.off(name, this.#onSignal);
    this.#letGo?.();
    this.#clear?.();
  }

  /** Not every system has every signal that it has a name for. */
  #listen(name: NodeJS.Signals): void {
    try {
      this.#settings.source.on(name, this.#onSignal);
    } catch (cause) {
      this[Symbol.dispose]();
      throw new TracewrightError('TW_BAD_OPTION', `signals: ${name} cannot be listened to`, { data: { option: 'signals' }, cause });
    }
  }

  /** The lifecycle is done, and the program has its own end to do. A `SIGINT` is of somebody who does not want to wait for that. */
  #settle(): void {
    const { settleMs, source } = this.#settings;
    if (this.#disposed || settleMs === 0) {
      this[Symbol.dispose]();
      return;
    }
    this.#last = 'done';
    source.off('SIGINT', this.#onSignal);
    this.#letGo?.();
    this.#clear?.();
    this.#clear = setIdleTimer(this.#lifecycle.around.clock, () => this[Symbol.dispose](), settleMs);
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    const { terminateAfterMs, onSignal } = this.#settings;
    const action = this.#actionOf(name);
    guarded('onSignal', () => onSignal?.(name, action));
    if (action === 'ignore' || this.#disposed) return;
    if (action === 'default') {
      this.#giveBack(name);
      return;
    }
    this.#last = action;
    // Not `stop`: a listener runs in the context in which it was put on, which may be inside the lifecycle.
    if (action === 'terminate') this.#lifecycle.terminate(new Error(name));
    else void this.#lifecycle.stopFromOutside();
    if (action !== 'stop' || terminateAfterMs === undefined) return;
    const terminate = (): void => this.#lifecycle.terminateAsLate(terminateAfterMs);
    this.#clear = this.#lifecycle.around.clock.setTimer(terminate, terminateAfterMs);
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
