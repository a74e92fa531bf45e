import { attributes as keys } from '@tracewright/conventions';
import type { Rule, RuleId, Severity, Violation } from './rule.ts';
import { rules } from './rules.ts';
import type { SpanRecord } from './span-record.ts';
import { buildTraces } from './trace-tree.ts';
import { oneLine } from './value-text.ts';

/** A rule’s verdict, with the spans that it speaks of. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** What is wrong, with names and values. */
  readonly message: string;
  /** How to mend it. */
  readonly help: string;
  /** `service.name` of the first span; `unknown_service` when it has none. */
  readonly service: string;
  /** Name of the first span. */
  readonly name: string;
  readonly traceId: string;
  readonly spanIds: readonly string[];
}

export interface CheckOptions {
  /** Severities other than a rule’s own, by rule id; `off` leaves a rule out. */
  readonly severities?: Readonly<Partial<Record<RuleId, Severity | 'off'>>>;
}

/**
 * Judges spans by every rule, as they stand: a span without an end counts as one that never ended, a parent that is not among them as missing.
 *
 * @returns findings by trace, then by rule in the order of `rules`; none for a clean recording
 * @throws {RangeError} when `severities` names a rule that does not exist
 */
export function checkTraces(spans: Iterable<SpanRecord>, { severities = {} }: CheckOptions = {}): readonly Finding[] {
  for (const id of Object.keys(severities)) {
    if (!rules.some((rule) => rule.id === id))
      throw new RangeError(`severities names the rule "${id}"; there are ${rules.map((rule) => rule.id).join(', ')}`);
  }
  return buildTraces(spans).flatMap((trace) =>
    rules.flatMap((rule) => {
      const severity = severities[rule.id] ?? rule.severity;
      return severity === 'off' ? [] : Array.from(rule.check(trace), (violation) => createFinding(rule, severity, violation));
    }),
  );
}

function createFinding(rule: Rule, severity: Severity, { message, spans }: Violation): Finding {
  const first = spans[0];
  const service = first?.resource[keys.serviceName.key];
  return {
    rule: rule.id,
    severity,
    // Names come from outside, and messages go to terminals and logs.
    message: oneLine(message),
    help: rule.help,
    service: typeof service === 'string' && service !== '' ? service : 'unknown_service',
    name: first?.name ?? '',
    traceId: first?.traceId ?? '',
    spanIds: spans.map((span) => span.spanId),
  };
}
