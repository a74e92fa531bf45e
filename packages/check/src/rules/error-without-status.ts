import { events, attributes as keys } from '@tracewright/conventions';
import type { Rule } from '../rule.ts';
import type { SpanRecord } from '../span-record.ts';
import { jsonText } from '../value-text.ts';

// Not in the table of conventions: Tracewright reads this key on spans of other libraries, and never writes it.
const httpStatusCodeKey = 'http.response.status_code';

export const errorWithoutStatus: Rule = {
  id: 'E1',
  title: 'error-without-status',
  severity: 'error',
  why: 'Error rates and alerts count the status; a failure that only an event or an attribute tells of is counted as a success.',
  help: 'Set the status to ERROR on the span of the operation that failed; do not record an exception that was handled.',
  *check(trace) {
    for (const span of trace.spans) {
      const sign = span.status.code === 'ERROR' ? undefined : signOfFailure(span);
      if (sign !== undefined) yield { message: `"${span.name}" has ${sign} and the status ${span.status.code}`, spans: [span] };
    }
  },
};

function signOfFailure({ attributes, events: spanEvents, kind }: SpanRecord): string | undefined {
  if (attributes[keys.errorType.key] !== undefined) return `${keys.errorType.key} ${jsonText(attributes[keys.errorType.key])}`;
  if (spanEvents.some((event) => event.name === events.exception.name)) return 'an exception event';
  const statusCode = Number(attributes[httpStatusCodeKey]);
  const isFailure = (kind === 'SERVER' && statusCode >= 500) || (kind === 'CLIENT' && statusCode >= 400);
  return isFailure ? `the HTTP status ${statusCode}` : undefined;
}
