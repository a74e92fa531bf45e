import { EventEmitter } from 'node:events';
import type { SignalSource } from 'tracewright';

/** What is needed of the process. */
export interface SignalledProcess {
  readonly pid: number;
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

/** A terminal and npm may both pass one Ctrl-C on: what follows within this time is the same one. */
const sameKeypressMs = 400;
/** What a shell expects of a program that SIGINT has ended: 128 and the number of the signal. */
export const interruptedExitCode = 130;

/**
 * The signals of a process, one for each key press. They are caught to the very end: where nobody listens any more, as the desk is closed, a Ctrl-C ends the
 * process, but the echo of the one that stopped it does not.
 */
export function keypresses(source: SignalledProcess = process, now = (): number => performance.now()): SignalSource {
  const listeners = new EventEmitter();
  const heardAtMs = new Map<NodeJS.Signals, number>();
  const hear = (name: NodeJS.Signals): void => {
    const isEcho = now() - (heardAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < sameKeypressMs;
    heardAtMs.set(name, now());
    if (!isEcho && !listeners.emit(name, name) && name === 'SIGINT') source.exit(interruptedExitCode);
  };
  return {
    pid: source.pid,
    on(name, listener) {
      if (!heardAtMs.has(name)) source.on(name, hear);
      heardAtMs.set(name, Number.NEGATIVE_INFINITY);
      listeners.on(name, listener);
    },
    off: (name, listener) => listeners.off(name, listener),
    listenerCount: (name) => listeners.listenerCount(name),
    kill: () => source.exit(interruptedExitCode),
  };
}
