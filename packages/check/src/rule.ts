import type { SpanRecord } from './span-record.ts';
import type { Trace } from './trace-tree.ts';

/** How bad a finding is: an error should fail a build, a warning should be looked at, an info is for knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** Id of a rule: a letter for its family (structure, bounds, completion, errors) and a number; one that is retired is never used again. */
export type RuleId = 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'S7' | 'B5' | 'C1' | 'C2' | 'C3' | 'E1' | 'E2';

/** One breach of a rule in one trace. */
export interface Violation {
  /** What is wrong, with names and values. */
  readonly message: string;
  /** The spans it speaks of, the one to look at first in front. */
  readonly spans: readonly SpanRecord[];
}

/** A named check over one finished trace. Pure: same trace, same violations. */
export interface Rule {
  readonly id: RuleId;
  /** A few words: `orphan-local`. */
  readonly title: string;
  readonly severity: Severity;
  /** Why a breach matters to who reads the trace. */
  readonly why: string;
  /** How to mend the program that made the trace. */
  readonly help: string;
  /** Judges a trace that will not change any more; a span without an end counts as one that never ended. */
  readonly check: (trace: Trace) => Iterable<Violation>;
}

/** Names spans in a message: up to three in full, then how many more. */
export function nameSpans(spans: readonly SpanRecord[]): string {
  const names = spans.slice(0, 3).map((span) => `"${span.name}"`);
  const more = spans.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
