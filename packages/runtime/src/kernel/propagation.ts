import { type Context, isSpanContextValid, propagation, type SpanContext, trace, TraceFlags } from '@opentelemetry/api';
import { emptyContext } from './context.ts';
import { guarded } from './telemetry.ts';

/** Headers of a request or a message: a `Headers`, or a plain object with lower-case keys. */
export type Carrier = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

const getter = {
  keys: (carrier: Carrier): string[] => (carrier instanceof Headers ? [...carrier.keys()] : Object.keys(carrier)),
  get(carrier: Carrier, key: string): string | undefined {
    if (carrier instanceof Headers) return carrier.get(key) ?? undefined;
    const value = carrier[key];
    return typeof value === 'string' || value === undefined ? value : value[0];
  },
};

/**
 * `context` with what came in by `carrier`: by the host's propagators where it has any, else by W3C `traceparent` alone. Headers that say nothing
 * leave it as it is.
 */
export function extract(context: Context, carrier: Carrier): Context {
  return (
    guarded('reading trace headers', () => {
      if (propagation.fields().length > 0) return propagation.extract(context, carrier, getter);
      const remote = parseTraceparent(getter.get(carrier, 'traceparent'));
      return remote === undefined ? context : trace.setSpanContext(context, remote);
    }) ?? context
  );
}

/** The span that `carrier` speaks of, if any: as `extract`, without a context where only W3C is spoken. */
export function remoteSpan(carrier: Carrier): SpanContext | undefined {
  return guarded('reading trace headers', () => {
    if (propagation.fields().length > 0) return trace.getSpanContext(propagation.extract(emptyContext, carrier, getter));
    return parseTraceparent(getter.get(carrier, 'traceparent'));
  });
}

/** Writes the trace headers of `context` into `carrier`, in the way of `extract`. */
export function inject(context: Context, carrier: Record<string, string>): Record<string, string> {
  guarded('writing trace headers', () => {
    if (propagation.fields().length > 0) {
      propagation.inject(context, carrier);
      return;
    }
    const span = trace.getSpanContext(context);
    if (span !== undefined && isSpanContextValid(span))
      carrier['traceparent'] = `00-${span.traceId}-${span.spanId}-${flagsText(span.traceFlags)}`;
  });
  return carrier;
}

/** W3C Trace Context, version 00; later versions may append fields after another dash. */
const traceparentShape = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const match = traceparentShape.exec(text?.trim() ?? '');
  if (match === null || (match[1] === '00' && match[5] !== undefined)) return undefined;
  const [, , traceId = '', spanId = '', flags = ''] = match;
  const remote: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(remote) ? remote : undefined;
}

function flagsText(flags: number): string {
  return flags.toString(16).padStart(2, '0');
}
