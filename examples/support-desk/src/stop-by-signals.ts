import { type SignalAction, type SignalSource, stopOnSignals } from 'tracewright';
import { keypresses } from './keypresses.ts';
import type { Worker } from './worker.ts';

/** When the show is over, and how. */
export interface Stop {
  /** Aborts at the first Ctrl-C or SIGTERM, and at the latest when the worker has ended. */
  readonly signal: AbortSignal;
  /** Whether a second Ctrl-C cut the worker short. */
  readonly isInterrupted: boolean;
}

const meanings: Readonly<Record<SignalAction, string>> = {
  stop: 'the worker ends what it has. Ctrl-C again cuts it short.',
  terminate: 'the worker is cut short.',
  ignore: 'the worker is stopping already.',
  default: 'the process ends now.',
};

/** Has Ctrl-C and SIGTERM stop `worker`, and tells what each of them does. */
export function stopBySignals(worker: Worker, print: (line: string) => void, signals: SignalSource = keypresses()): Stop {
  const stop = new AbortController();
  let isInterrupted = false;
  stopOnSignals(worker.lifecycle, {
    process: signals,
    onSignal(name, action) {
      print(`\n${name}: ${meanings[action]}`);
      isInterrupted ||= action === 'terminate';
      stop.abort();
    },
  });
  void worker.lifecycle.done.then(() => stop.abort());
  return {
    signal: stop.signal,
    get isInterrupted() {
      return isInterrupted;
    },
  };
}
