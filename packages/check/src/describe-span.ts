import { attributes as keys } from '@tracewright/conventions';
import type { RenderOptions } from './render-trace.ts';
import type { SpanRecord } from './span-record.ts';
import type { TraceNode } from './trace-tree.ts';
import { oneLine, valueText } from './value-text.ts';

/** What a span’s own line says after its name: kind, status, outcome, place in the tree, end and duration. Usual values are left out. */
export function describeSpan(node: TraceNode, options: RenderOptions): readonly string[] {
  const { span } = node;
  return [
    span.kind === 'INTERNAL' ? undefined : span.kind,
    describeStatus(span),
    describeValue('outcome', span.attributes[keys.outcome.key]),
    describeValue('cancelled by', span.attributes[keys.cancelledBy.key]),
    describePlace(node),
    describeEnds(span),
    options.durations === true ? describeDuration(span) : undefined,
  ].filter((part) => part !== undefined);
}

function describeStatus({ status, attributes }: SpanRecord): string | undefined {
  if (status.code === 'UNSET') return undefined;
  if (status.code === 'OK') return 'OK';
  return describeValue('ERROR', attributes[keys.errorType.key]) ?? 'ERROR';
}

function describePlace({ cycle, orphan, span }: TraceNode): string | undefined {
  if (cycle !== undefined) return '(cycle: its parent is below it)';
  if (!orphan) return undefined;
  return span.parentIsRemote === true ? '(remote parent)' : '(orphan)';
}

function describeEnds({ endTimeUnixNano, ends }: SpanRecord): string | undefined {
  if (endTimeUnixNano === undefined) return '(not ended)';
  return ends !== undefined && ends > 1 ? `(ended ${ends} times)` : undefined;
}

function describeDuration({ startTimeUnixNano, endTimeUnixNano }: SpanRecord): string | undefined {
  return endTimeUnixNano === undefined ? undefined : `${Number(endTimeUnixNano - startTimeUnixNano) / 1e6} ms`;
}

function describeValue(label: string, value: unknown): string | undefined {
  return value === undefined ? undefined : oneLine(`${label} ${valueText(value)}`);
}
