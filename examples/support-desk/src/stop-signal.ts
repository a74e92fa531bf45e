/** A terminal and npm may both pass one Ctrl-C on: what follows within this time is the same one. */
const sameKeypressMs = 400;
/** What a shell expects of a program that SIGINT has ended: 128 and the number of the signal. */
const interruptedExitCode = 130;

/** Aborts at the first SIGINT or SIGTERM. The second ends the process at once, whatever is under way. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let firstAtMs = 0;
  const onSignal = (): void => {
    if (!stop.signal.aborted) {
      firstAtMs = performance.now();
      stop.abort();
    } else if (performance.now() - firstAtMs > sameKeypressMs) {
      process.exit(interruptedExitCode);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return stop.signal;
}
