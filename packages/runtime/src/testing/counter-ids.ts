import type { IdGenerator } from '@opentelemetry/sdk-trace-base';

/** Ids that count from 1, so that two runs of a test record the same. Unique within one recorder. */
export function counterIds(): IdGenerator {
  let traces = 0;
  let spans = 0;
  return {
    generateTraceId() {
      traces += 1;
      return traces.toString(16).padStart(32, '0');
    },
    generateSpanId() {
      spans += 1;
      return spans.toString(16).padStart(16, '0');
    },
  };
}
