import { type LifecycleHandle, type SignalAction, type SignalSource, stopOnSignals } from 'tracewright';
import { keypresses } from './keypresses.ts';

/** When the show is over, and how. */
export interface Stop {
  /** Aborts at the first Ctrl-C or SIGTERM, and at the latest when the desk has ended. */
  readonly signal: AbortSignal;
  /** Whether a second Ctrl-C cut the desk short. */
  readonly isInterrupted: boolean;
}

const meanings: Readonly<Record<SignalAction, string>> = {
  stop: 'the desk ends what it has in work. Ctrl-C again cuts it short.',
  terminate: 'the desk is cut short.',
  ignore: 'the desk is stopping already.',
  default: 'the process ends now.',
};

/** Has Ctrl-C and SIGTERM stop `desk`, and tells what each of them does. */
export function stopBySignals(desk: LifecycleHandle, print: (line: string) => void, signals: SignalSource = keypresses()): Stop {
  const stop = new AbortController();
  let isInterrupted = false;
  stopOnSignals(desk, {
    process: signals,
    onSignal(name, action) {
      print(`\n${name}: ${meanings[action]}`);
      isInterrupted ||= action === 'terminate';
      stop.abort();
    },
  });
  void desk.done.then(() => stop.abort());
  return {
    signal: stop.signal,
    get isInterrupted() {
      return isInterrupted;
    },
  };
}
