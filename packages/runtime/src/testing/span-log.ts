import type { TimeInput } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanRecord } from '@tracewright/check';
import { instrumentationScope } from '@tracewright/conventions';
import { rememberSite } from './creation-site.ts';
import { toSpanRecord } from './to-span-record.ts';

/** Every span of a provider, from its start on. */
export interface SpanLog {
  readonly processor: SpanProcessor;
  /** Copies of all spans as they are now, in start order. */
  records(): readonly SpanRecord[];
  /** The spans that have ended, in start order. */
  finished(): ReadableSpan[];
  /** Stops taking notice: spans that start later are not logged. */
  close(): void;
}

interface Entry {
  readonly span: ReadableSpan;
  readonly site: () => string | undefined;
  ends: number;
}

/** Makes a log to be put into a provider. `timeNow` gives the end time of spans of libraries that give none. */
export function createSpanLog(timeNow: () => TimeInput | undefined): SpanLog {
  const entries: Entry[] = [];
  let isClosed = false;
  return {
    processor: {
      onStart(span) {
        if (isClosed) return;
        const entry: Entry = { span, site: rememberSite(), ends: 0 };
        entries.push(entry);
        countEnds(span, entry, timeNow);
      },
      onEnd() {},
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
    records: () => entries.map(({ span, site, ends }) => toSpanRecord(span, { ends, createdAt: site() })),
    finished: () => entries.map((entry) => entry.span).filter((span) => span.ended),
    close() {
      isClosed = true;
    },
  };
}

/** The SDK ignores a second end and tells no processor of it, so it is counted on the span itself. */
function countEnds(span: Span, entry: Entry, timeNow: () => TimeInput | undefined): void {
  const end = span.end.bind(span);
  // The runtime gives its own times, and a test would not see it fail to if they were given here.
  const timeOfEnd = span.instrumentationScope.name === instrumentationScope ? (): undefined => undefined : timeNow;
  span.end = (endTime) => {
    entry.ends += 1;
    end(endTime ?? timeOfEnd());
  };
}
