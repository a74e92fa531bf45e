import { type Context, context, isSpanContextValid, type Link, type SpanContext, trace } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import { Cancellation, cancelledBy } from './cancellation.ts';
import { requireKnownKeys } from './check.ts';
import { scopeIn } from './context.ts';
import { badOption, TracewrightError } from './errors.ts';
import { changeIdentity } from './identity.ts';
import { collectLinks, linkTo } from './links.ts';
import { OpenSpan, type SpanStart } from './open-span.ts';
import type { Plan } from './operation.ts';
import { requirePrincipal } from './principal.ts';
import { type Carrier, extract, remoteSpan } from './propagation.ts';
import { RunningScope } from './running-scope.ts';
import type { RunOptions } from './scope.ts';
import { guarded } from './telemetry.ts';
import { startAttributes } from './start-attributes.ts';

const noOptions: RunOptions = {};

/**
 * Opens the scope of one operation below `parent` and starts its span. Nothing has started when it throws.
 *
 * @param own a cancellation that belongs to the operation, where its driver needs one
 */
export function openScope(
  parent: RunningScope,
  plan: Plan,
  given: { readonly options?: RunOptions | undefined; readonly own?: Cancellation | undefined },
): RunningScope {
  const { kernel } = parent;
  const options = given.options ?? noOptions;
  if (given.options !== undefined) requireRunOptions(options);
  requireOpen(parent, plan.name);
  const principal = options.as === undefined ? parent.principal : requirePrincipal('as', options.as);
  const identity = changeIdentity(parent.identity, options.identity);
  const cancellation = given.own ?? cancellationFor(parent, options.signal);
  if (cancellation.aborted) throw cancelledBeforeStart(plan.name, cancellation);
  const { start, dropped, owned, cause } = placeInTrace(parent, plan, options);
  const described = withDropped(startAttributes(plan, { principal, identity, limits: kernel.settings.limits }), dropped);
  const spans = OpenSpan.start(owned ? parent.parts.spans : kernel.spans, plan, {
    context: start.context,
    links: start.links,
    root: start.root,
    attributes: described,
  });
  if (cancellation !== parent.parts.cancellation) spans.releaseAtEnd(cancellation);
  return new RunningScope(kernel, {
    name: plan.name,
    spans,
    principal,
    identity,
    cancellation,
    deadline: parent.deadline,
    around: start.context,
    // A root without a span of its own: what runs in it begins the trace, and has the link.
    cause: spans.suppressed && start.root ? cause : undefined,
  });
}

interface Place {
  readonly start: Omit<SpanStart, 'attributes'>;
  /** Links that did not fit. */
  readonly dropped: number;
  /** Whether the span belongs to the operation of `parent`, which ends it at the latest. */
  readonly owned: boolean;
  /** The span that a new root follows from. */
  readonly cause: SpanContext | undefined;
}

/** Where the span stands: in which context it starts, whether it begins a trace, what it is linked to. */
function placeInTrace(parent: RunningScope, plan: Plan, { join, link }: RunOptions): Place {
  const around = contextAround(parent);
  const plain = !plan.root && plan.links === undefined && parent.parts.cause === undefined && join === undefined && link === undefined;
  if (plain) return { start: { context: around, links: undefined, root: false }, dropped: 0, owned: true, cause: undefined };
  const active = activeSpan(around);
  const root = join === undefined && (plan.root || link !== undefined || (parent.parts.cause !== undefined && active === undefined));
  const ours: Link[] = link === undefined ? [] : producerLinks(link);
  const cause = active ?? parent.parts.cause;
  if ((root || join !== undefined) && cause !== undefined) ours.push(linkTo(cause, 'cause'));
  const { links, dropped } = collectLinks(ours, plan.links, parent.kernel.settings.limits);
  return {
    start: { context: join === undefined ? around : extract(around, join), links, root },
    dropped,
    owned: !root && join === undefined,
    cause,
  };
}

function activeSpan(around: Context): SpanContext | undefined {
  const active = guarded('reading the active span', () => trace.getSpanContext(around));
  return active !== undefined && isSpanContextValid(active) ? active : undefined;
}

/**
 * The context that work in `parent` starts from: the active one while `parent` is the current scope, as somebody else's span or baggage may be active
 * inside it; else the scope's own.
 */
function contextAround(parent: RunningScope): Context {
  const active = context.active();
  if (parent.context === undefined) return active;
  const current = scopeIn(active);
  const isCurrent =
    current === parent ||
    (current !== undefined && current.parts.spans === parent.parts.spans && current.parts.cause === parent.parts.cause);
  return isCurrent ? active : parent.context;
}

function producerLinks(link: Carrier | readonly Carrier[]): Link[] {
  const carriers = Array.isArray(link) ? link : [link];
  return carriers.map(remoteSpan).flatMap((sender) => (sender === undefined ? [] : [linkTo(sender, 'producer')]));
}

function withDropped<A extends SpanStart['attributes']>(all: A, dropped: number): A {
  return dropped === 0 ? all : { ...all, [attributes.linksDropped.key]: dropped };
}

function cancellationFor(parent: RunningScope, signal: AbortSignal | undefined): Cancellation {
  const { cancellation } = parent.parts;
  if (signal === undefined) return cancellation;
  if (!(signal instanceof AbortSignal)) throw badOption('signal', 'an AbortSignal', signal);
  return new Cancellation(cancellation, signal);
}

function requireOpen(parent: RunningScope, name: string): void {
  if (!parent.kernel.accepting && parent.parts.spans === parent.kernel.spans) {
    throw new TracewrightError('TW_RUNTIME_CLOSED', `${name} was started after the runtime had been closed`, { data: { operation: name } });
  }
  if (parent.ended) {
    throw new TracewrightError('TW_SCOPE_ENDED', `${name} was started in ${parent.name}, which has ended`, {
      data: { operation: name, scope: parent.name },
    });
  }
}

function cancelledBeforeStart(name: string, { reason }: Cancellation): TracewrightError {
  const by = cancelledBy(reason);
  return new TracewrightError('TW_CANCELLED', `${name} was cancelled by ${by} before it started`, {
    data: { by, operation: name },
    cause: reason,
  });
}

const runOptions = ['as', 'signal', 'identity', 'join', 'link'];

/** A misspelt `as` would run a user's work as the service: unknown options are refused on every call. */
function requireRunOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw badOption('options', 'an object', options);
  for (const key in options) if (!runOptions.includes(key)) requireKnownKeys('options', options, runOptions);
}
