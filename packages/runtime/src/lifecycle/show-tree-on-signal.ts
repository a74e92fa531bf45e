import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { callHooks } from './hooks-of-life.ts';
import { setIdleTimer } from './idle-timer.ts';
import type { LifecycleHandle } from './lifecycle.ts';
import { renderTree } from './render-tree.ts';
import { requireLifecycle } from './require-lifecycle.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';
import { isSignalName, requireSignalName, requireSource, type SignalSource } from './signal-options.ts';

export interface ShowTreeOptions {
  /** Default `SIGUSR2`, where the system has it. `SIGUSR1` starts Node's debugger. */
  readonly signal?: NodeJS.Signals | undefined;
  /** Gets the text, which ends with a line feed. What it throws, or rejects with, is reported. Default: to standard error. */
  readonly write?: ((text: string) => unknown) | undefined;
  /** How long it goes on once the lifecycle is done, in milliseconds: by default, `SIGUSR2` ends a process. 0: not at all. Default 10000. */
  readonly settleMs?: number | undefined;
  /** Default: this process. */
  readonly process?: SignalSource | undefined;
}

const defaultSignal = 'SIGUSR2';

/**
 * Prints the tree of `handle` at each signal, until the lifecycle is done and for `settleMs` after that, or until this is disposed of. It keeps no process alive.
 *
 * Where the system has no `SIGUSR2`, as Windows, it does nothing unless another signal is named: what only shows something must not keep a program from running there.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong option, a signal that was named and cannot be listened to, or a handle that is not of this runtime
 * @example
 * const app = runtime.lifecycle('app', serve);
 * showTreeOnSignal(app); // kill -USR2 <pid>
 */
export function showTreeOnSignal(handle: LifecycleHandle, options: ShowTreeOptions = {}): Disposable {
  requireKnownKeys('options', requirePlainObject('options', options), ['signal', 'write', 'settleMs', 'process']);
  const { signal, write = toStandardError, settleMs = 10_000, process: source = process } = options;
  requireFunction('write', write);
  if (settleMs !== 0) requirePositive('settleMs', settleMs);
  requireSource(source);
  const name = signal === undefined ? defaultSignal : requireSignalName('signal', signal);
  const watch = new TreeWatch(requireLifecycle(handle), { name, write, settleMs, source });
  if (isSignalName(name)) watch.start();
  return watch;
}

/** Options with nothing left to decide. */
interface TreeWatchSettings {
  readonly name: NodeJS.Signals;
  readonly write: (text: string) => unknown;
  readonly settleMs: number;
  readonly source: SignalSource;
}

class TreeWatch implements Disposable {
  readonly #lifecycle: RunningLifecycle;
  readonly #settings: TreeWatchSettings;
  #clear: (() => void) | undefined;
  #disposed = false;

  constructor(lifecycle: RunningLifecycle, settings: TreeWatchSettings) {
    this.#lifecycle = lifecycle;
    this.#settings = settings;
  }

  start(): void {
    const { name, source } = this.#settings;
    try {
      source.on(name, this.#onSignal);
    } catch (cause) {
      throw new TracewrightError('TW_BAD_OPTION', `signal: ${name} cannot be listened to`, { data: { option: 'signal' }, cause });
    }
    void this.#lifecycle.done.then(() => this.#settle());
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    const { name, source } = this.#settings;
    source.off(name, this.#onSignal);
    this.#clear?.();
  }

  /** The program has its own end to do, and somebody may ask why that takes so long. */
  #settle(): void {
    const { settleMs } = this.#settings;
    if (this.#disposed || settleMs === 0) this[Symbol.dispose]();
    else this.#clear = setIdleTimer(this.#lifecycle.around.clock, () => this[Symbol.dispose](), settleMs);
  }

  readonly #onSignal = (): void => {
    void callHooks('showing the tree', [() => this.#settings.write(`${renderTree(this.#lifecycle.tree())}\n`)]);
  };
}

function toStandardError(text: string): void {
  process.stderr.write(text);
}
