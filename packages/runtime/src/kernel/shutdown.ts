import { cancelled } from './cancellation.ts';
import type { OwnedKernel } from './create-kernel.ts';

export interface CloseOptions {
  /** The longest that running work is waited for, in milliseconds, before it is cancelled. Default 10000. */
  readonly timeoutMs?: number | undefined;
  /** The longest that cancelled work has to end, in milliseconds. Default 1000. */
  readonly graceMs?: number | undefined;
}

/** What a close found. */
export interface CloseReport {
  /** How many operations, and lifecycles in which none ran, were running when intake stopped. */
  readonly running: number;
  /** Operations and lifecycles that had to be cancelled, as paths of names. */
  readonly cancelled: readonly string[];
  /** Operations that did not end even then: their spans were ended for them, with `error.type=span_not_ended`. */
  readonly stuck: readonly string[];
}

/** Stops intake, asks lifecycles to stop, lets running work end, cancels what is left, ends the spans of what does not react. */
export async function shutDown(
  kernel: OwnedKernel,
  { timeoutMs, graceMs }: { readonly timeoutMs: number; readonly graceMs: number },
): Promise<CloseReport> {
  kernel.stopIntake();
  const running = [...openWork(kernel)].length;
  kernel.stopping.abort(cancelled('shutdown', 'the runtime is closing'));
  await ended(kernel, timeoutMs);
  const left = [...openWork(kernel)];
  if (left.length > 0) {
    kernel.cancellation.abort(cancelled('shutdown', `the runtime was closed, and work did not end in ${timeoutMs} ms`));
    await ended(kernel, graceMs);
  }
  const stuck = [...openWork(kernel)];
  kernel.spans.end();
  kernel.cancellation.abort(cancelled('shutdown', 'the runtime was closed'));
  return { running, cancelled: left, stuck };
}

/** Waits for operations and lifecycles, and then for what they left in the background. */
async function ended({ spans, background, settings: { clock } }: OwnedKernel, timeoutMs: number): Promise<void> {
  const startedMs = clock.monotonic();
  await spans.emptied(clock, timeoutMs);
  const leftMs = timeoutMs - (clock.monotonic() - startedMs);
  if (leftMs <= 0 || background.pending.length === 0) return;
  await background.settled(clock, leftMs);
  // What hooks in the background have started.
  await spans.emptied(clock, Math.max(1, timeoutMs - (clock.monotonic() - startedMs)));
}

function* openWork({ spans, background }: OwnedKernel): Generator<string> {
  yield* spans.openPaths();
  yield* background.pending;
}
