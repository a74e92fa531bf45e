import { buildTraces, renderTraces, type SpanRecord, type Trace } from '@tracewright/check';

/** The traces as text, by names: replica and author work side by side, and whose traces come first within a millisecond is a matter of chance. */
export function traceText(spans: readonly SpanRecord[]): string {
  // A sort keeps the order of what is equal: traces of one name follow from each other here.
  const traces = buildTraces(spans).toSorted((one, other) => nameOf(one).localeCompare(nameOf(other), 'en'));
  return renderTraces(traces, { attributes: ['footprint.revision', 'component.path', 'tracewright.settled', 'error.type'] });
}

function nameOf({ roots: [root] }: Trace): string {
  return root?.span.name ?? '';
}
