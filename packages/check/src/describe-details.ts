import { events, attributes as keys } from '@tracewright/conventions';
import type { RenderOptions } from './render-trace.ts';
import type { SpanEventRecord, SpanRecord } from './span-record.ts';
import type { TraceLink, TraceNode } from './trace-tree.ts';
import { jsonText, oneLine, valueText } from './value-text.ts';

const shortIdLength = 8;

/** The lines below a span’s own: attributes asked for, links, events, exceptions. */
export function describeDetails({ span, links }: TraceNode, { attributes = 'none' }: RenderOptions): readonly string[] {
  return [...describeAttributes(span, attributes), ...links.map(describeLink), ...span.events.map(describeEvent)];
}

function describeAttributes({ attributes }: SpanRecord, wanted: 'none' | 'all' | readonly string[]): readonly string[] {
  if (wanted === 'none') return [];
  const shown = wanted === 'all' ? Object.keys(attributes) : wanted.filter((key) => Object.hasOwn(attributes, key));
  return [...new Set(shown)].toSorted().map((key) => oneLine(`${key} = ${jsonText(attributes[key])}`));
}

function describeLink({ link, target }: TraceLink): string {
  // Last digits, not first: counters and random ids both differ there.
  const name = target?.name ?? link.spanId.slice(-shortIdLength);
  const reason = link.attributes[keys.linkReason.key];
  return oneLine(reason === undefined ? `→ link to ${name}` : `→ link to ${name} (${valueText(reason)})`);
}

function describeEvent(event: SpanEventRecord): string {
  if (event.name !== events.exception.name) return oneLine(`· ${event.name}`);
  const type = valueText(event.attributes[keys.exceptionType.key] ?? 'exception');
  const message = event.attributes[keys.exceptionMessage.key];
  return oneLine(message === undefined ? `✗ ${type}` : `✗ ${type}: ${valueText(message)}`);
}
