import { buildTraces, checkTraces, type Finding, renderTraces, type SpanRecord } from '@tracewright/check';

/** What a recorder shows to the check that follows every test. */
export interface JudgedRecorder {
  readonly spans: readonly SpanRecord[];
  /** Whether its traces are broken on purpose. */
  readonly expectsProblems: boolean;
}

const made = new Set<JudgedRecorder>();

/** Has a recorder judged by the next `checkOpenRecorders`. */
export function rememberRecorder(recorder: JudgedRecorder): void {
  made.add(recorder);
}

/**
 * Judges every recorder made since the last call, disposed or not, and forgets it. To be called after each test; not for tests that run at the same
 * time in one process, because it cannot know whose recorder is whose.
 *
 * @throws {Error} a report with findings, the places where spans were started and the traces, when spans are open, orphaned or ended twice or a
 * rule of severity `error` is broken; not for recorders that expect problems
 */
export function checkOpenRecorders(): void {
  const judged = [...made];
  made.clear();
  const reports = judged.filter((recorder) => !recorder.expectsProblems).flatMap(({ spans }) => reportOn(spans) ?? []);
  // A plain Error: this is the failure of a test, and no code of the runtime's table is meant for that.
  if (reports.length > 0) throw new Error(reports.join('\n\n'));
}

function reportOn(spans: readonly SpanRecord[]): string | undefined {
  const findings = checkTraces(spans).filter(isFailure);
  if (findings.length === 0) return undefined;
  const lines = findings.map((finding) => `  ${finding.rule} ${finding.message}${sitesOf(finding, spans)}\n     ${finding.help}`);
  const drawn = renderTraces(buildTraces(spans)).replaceAll(/^(?=.)/gm, '  ');
  return [
    `Recorded traces break ${findings.length === 1 ? 'a rule' : `${findings.length} rules`}:`,
    ...lines,
    'The recording:',
    drawn,
  ].join('\n');
}

function isFailure({ rule, severity }: Finding): boolean {
  // Ended twice is a warning for others' recordings; in a test of one's own it is a mistake in the code under test.
  return severity === 'error' || rule === 'C2';
}

function sitesOf({ rule, spanIds, traceId }: Finding, spans: readonly SpanRecord[]): string {
  // C1 names the place itself.
  if (rule === 'C1') return '';
  const sites = spans.flatMap((span) => (span.traceId === traceId && spanIds.includes(span.spanId) ? (span.createdAt ?? []) : []));
  return sites.length === 0 ? '' : `; started at ${[...new Set(sites)].join(', ')}`;
}
