import type { Link, SpanContext } from '@opentelemetry/api';
import { isSpanContextValid, TraceFlags } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import type { ContentGate } from './content/content-gate.ts';
import type { Limits } from './limits.ts';
import type { OperationLink } from './operation.ts';
import type { Secrets } from './content/redaction.ts';

export type LinkReason = 'cause' | 'producer' | 'shared';

/** How many links a span may have, and what their attributes pass. */
export interface LinkLimits extends Pick<Limits, 'linksPerSpan'> {
  readonly gate: ContentGate;
  readonly secrets: Secrets | undefined;
}

/** A link that Tracewright makes: why, and whether the other trace is sampled, so that linked traces can be kept together. */
export function linkTo(context: SpanContext, reason: LinkReason): Link {
  const sampled = (context.traceFlags & TraceFlags.SAMPLED) !== 0;
  return { context, attributes: { [attributes.linkReason.key]: reason, [attributes.linkSampled.key]: sampled } };
}

/** The links of one span within its budget: ours first, so that the cause is never the one that is cut. */
export function collectLinks(
  ours: readonly Link[],
  given: readonly OperationLink[] | undefined,
  limits: LinkLimits,
): { links: Link[] | undefined; dropped: number } {
  // One sender, and room for it: the way of every message.
  const [only] = ours;
  if (ours.length === 1 && only !== undefined && given === undefined && limits.linksPerSpan > 0 && isSpanContextValid(only.context))
    return { links: [only], dropped: 0 };
  const all = [...ours, ...(given ?? []).map((link) => givenLink(link, limits))].filter(({ context }) => isSpanContextValid(context));
  if (all.length === 0) return { links: undefined, dropped: 0 };
  return { links: all.slice(0, limits.linksPerSpan), dropped: Math.max(0, all.length - limits.linksPerSpan) };
}

function givenLink(link: OperationLink, { gate, secrets }: LinkLimits): Link {
  const own = gate.attributes(link.attributes ?? {}, 'attribute', secrets);
  return { context: link.context, attributes: { [attributes.linkReason.key]: 'given', ...own } };
}
