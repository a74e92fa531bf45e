import { EventEmitter } from 'node:events';
import type { SignalSource } from 'tracewright';

/** A terminal and npm both pass one Ctrl-C on: what follows within this time is the same one. */
const sameKeypressMs = 400;
/** What a shell expects of a program that SIGINT has ended: 128 and the number of the signal. */
export const interruptedExitCode = 130;

/**
 * The signals of this process, one for each key press. They are taken to the very end: one that nobody listens to any more, as the worker is done, ends the
 * process, but not the echo of the one that stopped the worker.
 */
export function keypresses(): SignalSource {
  const listeners = new EventEmitter();
  const lastAtMs = new Map<NodeJS.Signals, number>();
  const hear = (name: NodeJS.Signals): void => {
    const now = performance.now();
    const isEcho = now - (lastAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < sameKeypressMs;
    lastAtMs.set(name, now);
    if (!isEcho && !listeners.emit(name, name) && name === 'SIGINT') process.exit(interruptedExitCode);
  };
  return {
    pid: process.pid,
    on(name, listener) {
      listeners.on(name, listener);
      if (process.listenerCount(name, hear) === 0) process.on(name, hear);
    },
    off: (name, listener) => listeners.off(name, listener),
    listenerCount: (name) => listeners.listenerCount(name),
    kill: () => process.exit(interruptedExitCode),
  };
}
