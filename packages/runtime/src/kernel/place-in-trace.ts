import { type Context, context, isSpanContextValid, type Link, type SpanContext, trace } from '@opentelemetry/api';
import type { ContentGate } from './content/content-gate.ts';
import { scopeIn } from './context.ts';
import { collectLinks, linkTo } from './links.ts';
import type { Plan } from './operation.ts';
import { type Carrier, extract, remoteSpan } from './propagation.ts';
import type { Secrets } from './content/redaction.ts';
import type { RunningScope } from './running-scope.ts';
import type { RunOptions } from './scope.ts';
import { guarded } from './telemetry.ts';

/** Where a span stands that is not simply a child of the scope around it. */
export interface Place {
  readonly context: Context;
  readonly links: Link[] | undefined;
  /** Links that did not fit the budget. */
  readonly dropped: number;
  readonly root: boolean;
  /** Whether the span belongs to the operation around it, which ends it at the latest. */
  readonly owned: boolean;
  /** The span that a new root follows from. */
  readonly cause: SpanContext | undefined;
}

/** What a call says of its place; what its links may carry is as strict as the call. */
export interface PlaceOptions extends Pick<RunOptions, 'join' | 'link'> {
  readonly around: Context;
  readonly gate: ContentGate;
  /** The credentials of whoever executes. */
  readonly secrets: Secrets | undefined;
}

/** Whether an operation is a child of `parent` and nothing more: most are. */
export function isPlainChild(parent: RunningScope, plan: Plan, { join, link }: RunOptions): boolean {
  return !plan.root && plan.links === undefined && parent.parts.cause === undefined && join === undefined && link === undefined;
}

/** Finds out whether the span begins a trace or joins another one, and what it is linked to. `around` is the context that it starts from. */
export function placeInTrace(parent: RunningScope, plan: Plan, { around, gate, secrets, join, link }: PlaceOptions): Place {
  const active = activeSpan(around);
  // Headers that name no sender join nothing: the work is a child like any other.
  const joined = join === undefined || remoteSpan(join) === undefined ? undefined : extract(around, join);
  const root = joined === undefined && (plan.root || link !== undefined || (parent.parts.cause !== undefined && active === undefined));
  const ours: Link[] = link === undefined ? [] : producerLinks(link);
  const cause = active ?? parent.parts.cause;
  if ((root || joined !== undefined) && cause !== undefined) ours.push(linkTo(cause, 'cause'));
  const { linksPerSpan } = parent.kernel.settings.limits;
  const { links, dropped } = collectLinks(ours, plan.links, { linksPerSpan, gate, secrets });
  return { context: joined ?? around, links, dropped, root, owned: !root && joined === undefined, cause };
}

/**
 * The context that work in `parent` starts from: the active one while `parent` is the current scope, as somebody else's span or baggage may be active
 * inside it; else the scope's own.
 */
export function contextAround(parent: RunningScope, active: Context = context.active()): Context {
  if (parent.context === undefined) return active;
  const current = scopeIn(active);
  if (current === parent) return active;
  // A scope that was derived from the current one shares its span, and so its place.
  const sharesPlace = current?.parts.spans === parent.parts.spans && current.parts.cause === parent.parts.cause;
  return sharesPlace ? active : parent.context;
}

/** The span that is active in `around`, where it is a real one. */
export function activeSpan(around: Context): SpanContext | undefined {
  const active = guarded('reading the active span', () => trace.getSpanContext(around));
  return active !== undefined && isSpanContextValid(active) ? active : undefined;
}

function isList(link: Carrier | readonly Carrier[]): link is readonly Carrier[] {
  return Array.isArray(link);
}

function producerLinks(link: Carrier | readonly Carrier[]): Link[] {
  const links: Link[] = [];
  for (const carrier of isList(link) ? link : [link]) {
    const sender = remoteSpan(carrier);
    if (sender !== undefined) links.push(linkTo(sender, 'producer'));
  }
  return links;
}
