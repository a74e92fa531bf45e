import { attributes as keys } from '@tracewright/conventions';
import type { Rule } from '../rule.ts';

export const statusWithoutType: Rule = {
  id: 'E2',
  title: 'status-without-type',
  severity: 'warning',
  why: `Without \`${keys.errorType.key}\` failures cannot be grouped by kind; a status message has too many values for that.`,
  help: `Set \`${keys.errorType.key}\` to a code or a class of the failure wherever the status is ERROR.`,
  *check(trace) {
    for (const span of trace.spans) {
      if (span.status.code === 'ERROR' && span.attributes[keys.errorType.key] === undefined) {
        yield { message: `"${span.name}" has the status ERROR and no ${keys.errorType.key}`, spans: [span] };
      }
    }
  },
};
