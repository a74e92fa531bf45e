import { inspect } from 'node:util';
import { maxTimerMs } from '../kernel/clock.ts';
import type { TelemetryCloseFailure, TelemetryCloseReport } from './close-report.ts';
import type { Pipeline } from './pipeline.ts';

/** Flushes and shuts down every pipeline, side by side, each within `timeoutMs`. Never rejects. */
export async function closePipelines(pipelines: readonly Pipeline[], timeoutMs: number): Promise<TelemetryCloseReport> {
  const failures = (await Promise.all(pipelines.map((pipeline) => closeOne(pipeline, timeoutMs)))).flat();
  return Object.freeze({ ok: failures.length === 0, failures: Object.freeze(failures) });
}

async function closeOne(pipeline: Pipeline, timeoutMs: number): Promise<TelemetryCloseFailure[]> {
  const { signal, failures } = pipeline;
  const outcome = await withDeadline(flushAndShutdown(pipeline), timeoutMs);
  const found: TelemetryCloseFailure[] = [];
  if (failures.count > 0) {
    const count = failures.count === 1 ? '1 export' : `${failures.count} exports`;
    found.push({ signal, message: `${signal}: ${count} failed, the last with ${text(failures.last)}`, error: failures.last });
  }
  if (outcome === 'late')
    found.push({ signal, message: `${signal}: not flushed and shut down within ${timeoutMs} ms; is the receiver reachable?` });
  // A failed flush is most often the failed export over again.
  else if (outcome !== undefined && failures.count === 0)
    found.push({ signal, message: `${signal}: ${text(outcome.error)}`, error: outcome.error });
  return found;
}

/** @returns the first error of the two; a flush that fails does not keep the exporter open */
async function flushAndShutdown(pipeline: Pipeline): Promise<{ error: unknown } | undefined> {
  const flushed = await settle(() => pipeline.flush());
  const closed = await settle(() => pipeline.shutdown());
  return flushed ?? closed;
}

async function settle(work: () => Promise<void>): Promise<{ error: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** The timer keeps the process alive: with an exporter that hangs, nothing else might until the deadline. */
async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), Math.min(timeoutMs, maxTimerMs));
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Providers reject with lists of errors, and exporters with anything. */
function text(error: unknown): string {
  if (error === undefined) return 'no reason given';
  if (Array.isArray(error)) return error.map(text).join('; ');
  try {
    if (typeof error === 'string') return error;
    return error instanceof Error ? error.message || error.name : inspect(error, { depth: 0 });
  } catch {
    return 'an error that cannot be shown';
  }
}
