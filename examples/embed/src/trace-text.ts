import { buildTraces, renderTraces, type SpanRecord, type Trace } from '@tracewright/check';

/** The traces as text, by names: components work side by side, and whose traces come first within a millisecond is a matter of chance. */
export function traceText(spans: readonly SpanRecord[]): string {
  // A sort keeps the order of what is equal: traces of one name follow from each other here.
  const traces = buildTraces(spans).toSorted((one, other) => nameOf(one).localeCompare(nameOf(other), 'en'));
  return renderTraces(traces, { attributes: ['component.path', 'footprint.solution', 'tracewright.settled'] });
}

function nameOf({ roots: [root] }: Trace): string {
  return root?.span.name ?? '';
}
