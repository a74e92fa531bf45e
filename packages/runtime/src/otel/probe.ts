import { isSpanContextValid, ROOT_CONTEXT, type Span, trace, TraceFlags, type TracerProvider } from '@opentelemetry/api';
import { instrumentationScope, spans } from '@tracewright/conventions';
import { probeContext, probeCopies, type TelemetryFinding } from './probe-globals.ts';

/** What `probeTelemetry` saw. */
export interface TelemetryProbe {
  readonly ok: boolean;
  readonly findings: readonly TelemetryFinding[];
  /** Version of the SDK whose spans record, as the resource says it; undefined when no span records or the resource does not say. */
  readonly sdkVersion: string | undefined;
}

/**
 * Proves that telemetry really works in this process: that context survives an `await`, that spans record, that one copy of the API is in use, and that
 * the SDK is of a generation that Tracewright is tested with. Leaves no span behind.
 *
 * @param options.tracerProvider whose spans to probe. Default: the global one
 */
export async function probeTelemetry({ tracerProvider }: { readonly tracerProvider?: TracerProvider } = {}): Promise<TelemetryProbe> {
  const copies = probeCopies(tracerProvider !== undefined);
  const recorded = tryProbe(tracerProvider ?? trace.getTracerProvider());
  const findings = [
    ...copies,
    // Where the globals are not ours to see, what is missing is a consequence.
    ...(copies.length > 0 ? [] : await probeContext()),
    ...(copies.length > 0 && tracerProvider === undefined ? [] : spanFindings(recorded)),
  ];
  return Object.freeze({ ok: findings.length === 0, findings: Object.freeze(findings), sdkVersion: recorded.sdkVersion });
}

interface RecordedProbe {
  readonly state: 'recorded' | 'sampled_out' | 'no_tracer_provider' | 'spans_throw';
  readonly sdkVersion?: string;
  readonly error?: unknown;
}

/**
 * Remote parents that are sampled, at both ends of the range of trace ids: a parent-based sampler follows them, and a ratio sampler of any ratio above zero
 * takes one of the two. Only a sampler that drops everything drops both.
 */
const parents = ['00000000000000000000000000000001', 'fffffffffffffffffffffffffffffff0'].map((traceId) => ({
  traceId,
  spanId: '0000000000000001',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
}));

function tryProbe(provider: TracerProvider): RecordedProbe {
  try {
    return probeSpans(provider);
  } catch (error) {
    return { state: 'spans_throw', error };
  }
}

function probeSpans(provider: TracerProvider): RecordedProbe {
  let state: RecordedProbe['state'] = 'no_tracer_provider';
  for (const parent of parents) {
    const span = provider.getTracer(instrumentationScope).startSpan(spans.probe.name, {}, trace.setSpanContext(ROOT_CONTEXT, parent));
    const own = span.spanContext();
    if (span.isRecording()) {
      const sdkVersion = readSdkVersion(span);
      discard(span);
      return { state: 'recorded', ...(sdkVersion !== undefined && { sdkVersion }) };
    }
    // Without an SDK the API hands the parent back; an SDK that drops a span still gives it an id.
    if (isSpanContextValid(own) && own.spanId !== parent.spanId) state = 'sampled_out';
  }
  return { state };
}

/**
 * Ends the probe so that nothing keeps it, and so that nothing exports it: processors export sampled spans only, so the span is made one that is not. Suppressing
 * tracing instead would give a span that never records and prove nothing; never ending it would leave it in every processor that remembers open spans.
 */
function discard(span: Span): void {
  const own = span.spanContext();
  try {
    own.traceFlags &= ~TraceFlags.SAMPLED;
  } catch {
    // A frozen span context: not ending the span is the only way left that exports nothing.
  }
  if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) span.end();
}

function readSdkVersion(span: Span): string | undefined {
  const resource: unknown = Reflect.get(span, 'resource');
  if (typeof resource !== 'object' || resource === null || !('attributes' in resource)) return undefined;
  const { attributes } = resource;
  if (typeof attributes !== 'object' || attributes === null || !('telemetry.sdk.version' in attributes)) return undefined;
  return String(attributes['telemetry.sdk.version']);
}

function spanFindings({ state, sdkVersion, error }: RecordedProbe): TelemetryFinding[] {
  if (state === 'no_tracer_provider') {
    const message =
      'no tracer provider is registered: nothing is recorded. Call startTelemetry, or trace.setGlobalTracerProvider with one of the SDK, before any work';
    return [{ fault: 'no_tracer_provider', message }];
  }
  if (state === 'sampled_out') {
    const message =
      'the tracer provider drops every span, even where the parent is sampled. Look at OTEL_TRACES_SAMPLER, or the sampler of the provider';
    return [{ fault: 'sampled_out', message }];
  }
  if (state === 'spans_throw') {
    const message = `starting or ending a span throws${error instanceof Error ? `: ${error.message}` : ''}. Look at the sampler and the span processors of the tracer provider`;
    return [{ fault: 'spans_throw', message }];
  }
  const generation = sdkVersion?.split('.')[0];
  if (generation === undefined || generation === '2' || generation === '3') return [];
  const message = `the OpenTelemetry SDK is ${sdkVersion}: Tracewright is tested with the generations 2 and 3 only. Install one of them`;
  return [{ fault: 'untested_sdk', message }];
}
