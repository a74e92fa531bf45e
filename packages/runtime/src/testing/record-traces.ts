import type { TimeInput } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { buildTraces, checkTraces, renderTraces, type SpanRecord } from '@tracewright/check';
import { requireKnownKeys } from '../kernel/check.ts';
import { systemClock } from '../kernel/clock.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { reportFault } from '../kernel/telemetry.ts';
import { spanProcessor } from '../otel/span-processor.ts';
import { createRuntime, type Runtime } from '../runtime.ts';
import { rememberRecorder } from './open-recorders.ts';
import { createRecorderProvider } from './recorder-provider.ts';
import { createSpanLog } from './span-log.ts';
import { spanTimeOf } from './span-times.ts';
import type { RecordOptions, TraceRecorder } from './trace-recorder.ts';

/**
 * Records spans of a provider of its own: `using traces = recordTraces()`.
 *
 * Spans of libraries carry the identity of the scope around them, as with `spanProcessor()` in production.
 */
export function recordTraces(options: RecordOptions = {}): TraceRecorder {
  requireKnownKeys('recordTraces options', options, ['sampler', 'spanLimits', 'processors', 'clock']);
  let clock = options.clock;
  const timeNow = (): TimeInput | undefined => (clock === undefined || clock === systemClock ? undefined : spanTimeOf(clock));
  const log = createSpanLog(timeNow);
  const provider = createRecorderProvider(options, { first: [log.processor, spanProcessor()], timeNow });
  const runtimes: Runtime[] = [];
  let kept: { readonly records: readonly SpanRecord[]; readonly bytes: Uint8Array } | undefined;
  let expectsProblems = false;

  const recorder: TraceRecorder = {
    provider,
    get spans() {
      return kept?.records ?? log.records();
    },
    get open() {
      return recorder.spans.filter((span) => span.endTimeUnixNano === undefined);
    },
    runtime(runtimeOptions = {}) {
      clock = options.clock ?? runtimeOptions.clock ?? clock;
      const runtime = createRuntime({ ...runtimeOptions, clock: runtimeOptions.clock ?? clock, tracerProvider: provider });
      runtimes.push(runtime);
      return runtime;
    },
    tracer: (name) => provider.getTracer(name),
    render: (renderOptions) => renderTraces(buildTraces(recorder.spans), renderOptions),
    check: () => checkTraces(recorder.spans),
    export: () => kept?.bytes ?? serialize(),
    find: (name) => findSpan(recorder.spans, name),
    expectProblems() {
      expectsProblems = true;
    },
    [Symbol.dispose]() {
      if (kept !== undefined) return;
      // Kept before the runtimes close: closing ends what the test left open, and would hide it.
      kept = { records: log.records(), bytes: serialize() };
      log.close();
      for (const runtime of runtimes) closeLater(runtime);
    },
  };
  const serialize = (): Uint8Array => ProtobufTraceSerializer.serializeRequest(log.finished()) ?? new Uint8Array();
  rememberRecorder({
    get spans() {
      return recorder.spans;
    },
    get expectsProblems() {
      return expectsProblems;
    },
  });
  return recorder;
}

/** Disposal is synchronous and the test has had its turn: running work is cancelled almost at once, and nobody waits for it. */
function closeLater(runtime: Runtime): void {
  runtime.close({ timeoutMs: 1, graceMs: 1 }).catch((error: unknown) => reportFault('closing the runtime of a recorder failed', error));
}

function findSpan(spans: readonly SpanRecord[], name: string): SpanRecord {
  const [found, ...others] = spans.filter((span) => span.name === name);
  if (found !== undefined && others.length === 0) return found;
  const names = [...new Set(spans.map((span) => `"${span.name}"`))].toSorted().join(', ');
  const count = found === undefined ? 'no span is' : `${others.length + 1} spans are`;
  throw new TracewrightError('TW_BAD_OPTION', `${count} named "${name}"; recorded names: ${names === '' ? 'none' : names}`, {
    data: { option: 'name', name },
  });
}
