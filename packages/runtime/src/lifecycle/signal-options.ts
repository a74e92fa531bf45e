import { constants } from 'node:os';
import { isObject, requireFunction, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';

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
  /** Default `SIGINT` and `SIGTERM`. `SIGKILL` and `SIGSTOP` cannot be listened to. */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** How long after the first signal the lifecycle is terminated, in milliseconds. Default: never. */
  readonly terminateAfterMs?: number | undefined;
  /**
   * How long signals other than `SIGINT` are ignored once the lifecycle is done, in milliseconds, so that an orchestrator that repeats itself does not cut short what the
   * program still does: closing its runtime, sending its traces. 0: not at all. Default 10000.
   */
  readonly settleMs?: number | undefined;
  /** Default: this process. */
  readonly process?: SignalSource | undefined;
  /** Told of each signal and what it did. What it throws is reported. */
  readonly onSignal?: ((name: NodeJS.Signals, action: SignalAction) => void) | undefined;
}

/** Options with nothing left to decide. */
export interface SignalSettings extends Pick<SignalOptions, 'terminateAfterMs' | 'onSignal'> {
  readonly signals: readonly NodeJS.Signals[];
  readonly settleMs: number;
  readonly source: SignalSource;
}

const known = ['signals', 'terminateAfterMs', 'settleMs', 'process', 'onSignal'];

export function requireSignalOptions(options: SignalOptions): SignalSettings {
  requireKnownKeys('options', requirePlainObject('options', options), known);
  const { signals = ['SIGINT', 'SIGTERM'], terminateAfterMs, settleMs = 10_000, onSignal, process: source = process } = options;
  if (terminateAfterMs !== undefined) requirePositive('terminateAfterMs', terminateAfterMs);
  if (settleMs !== 0) requirePositive('settleMs', settleMs);
  if (onSignal !== undefined) requireFunction('onSignal', onSignal);
  requireSource(source);
  return { signals: requireSignals(signals), terminateAfterMs, settleMs, source, onSignal };
}

const uncatchable: readonly unknown[] = ['SIGKILL', 'SIGSTOP'];

/** Each name once: a signal that is heard twice would be two. */
function requireSignals(value: readonly NodeJS.Signals[]): readonly NodeJS.Signals[] {
  if (!Array.isArray(value) || value.length === 0) throw badOption('signals', 'an array of names of signals', value);
  return [...new Set(value.map((name) => requireSignalName('signals', name)))];
}

/** @param option says what was wrong */
export function requireSignalName(option: string, name: unknown): NodeJS.Signals {
  if (!isSignalName(name) || uncatchable.includes(name)) throw badOption(option, 'the name of a signal that a process can listen to', name);
  return name;
}

/** Whether this system has a signal of that name. */
export function isSignalName(name: unknown): name is NodeJS.Signals {
  return typeof name === 'string' && Object.hasOwn(constants.signals, name);
}

export function requireSource(value: unknown): void {
  const source: Partial<Record<keyof SignalSource, unknown>> = isObject(value) ? value : {};
  const { on, off, listenerCount, kill = off, pid = 0 } = source;
  const areCallable = [on, off, listenerCount, kill].every((method) => typeof method === 'function');
  if (!areCallable || typeof pid !== 'number') throw badOption('process', 'an object with on, off and listenerCount, as `process`', value);
}
