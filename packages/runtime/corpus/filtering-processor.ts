import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { type PlainRecording, recordPlain } from './plain-recording.ts';

/** A plain recording that filters what has ended, as tracing libraries do that can hide their inner spans. */
export function withoutSpansNamed(name: string): PlainRecording {
  const filter = (exporting: SpanProcessor): SpanProcessor => ({
    onStart: (span, context) => exporting.onStart(span, context),
    onEnd: (span) => {
      if (span.name !== name) exporting.onEnd(span);
    },
    forceFlush: () => exporting.forceFlush(),
    shutdown: () => exporting.shutdown(),
  });
  return recordPlain({ wrapExporting: filter });
}
