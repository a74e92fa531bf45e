import type { Context } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import type { AttributeValues } from './attributes.ts';
import { Cancellation, cancelledBy } from './cancellation.ts';
import { requireKnownKeys, requireSignal } from './check.ts';
import { badOption, TracewrightError } from './errors.ts';
import { requireContentLevel } from './content/content-policy.ts';
import { changeIdentity } from './identity.ts';
import { OpenSpan } from './open-span.ts';
import type { Plan } from './operation.ts';
import { contextAround, isPlainChild, type Place, placeInTrace } from './place-in-trace.ts';
import { type Principal, requirePrincipal } from './principal.ts';
import { joinSecrets, secretsOf } from './content/redaction.ts';
import { secretsAlong } from './content/redaction-errors.ts';
import { RunningScope } from './running-scope.ts';
import type { RunOptions } from './scope.ts';
import { startAttributes, startAttributesOf } from './start-attributes.ts';
import type { Surroundings } from './surroundings.ts';

const noOptions: RunOptions = {};
const noInputs: readonly unknown[] = [];

/** What a call brings along. */
export interface OpenOptions {
  readonly options?: RunOptions | undefined;
  /** A cancellation that belongs to the operation, where its driver needs one. */
  readonly own?: Cancellation | undefined;
  /** What the body gets beside its scope. */
  readonly inputs?: readonly unknown[] | undefined;
  /** The active context, where it is known already. */
  readonly active?: Context | undefined;
}

/** Opens the scope of one operation below `parent` and starts its span. Nothing has started when it throws. */
export function openScope(around: RunningScope, plan: Plan, given: OpenOptions): RunningScope {
  const parent = around.start;
  const { kernel, parts } = parent;
  const options = given.options ?? noOptions;
  if (given.options !== undefined) requireRunOptions(options);
  requireOpen(parent, plan.name);
  const principal = options.as === undefined ? parts.principal : requirePrincipal('as', options.as);
  const identity = changeIdentity(parts.identity, options.identity);
  const cancellation = given.own ?? cancellationFor(parent, options.signal);
  if (cancellation.aborted) throw cancelledBeforeStart(plan.name, { cancellation, principal });

  const surroundings = surroundingsFor(parent, plan, options);
  const secrets = joinSecrets(secretsOf(principal), surroundings.outerSecrets);
  const who = { principal, identity, gate: surroundings.gate, secrets };
  const described = options.attributes === undefined ? startAttributes(plan, who) : startAttributesOf(plan, who, options.attributes);
  const base = contextAround(parent, given.active);
  const place = isPlainChild(parent, plan, options)
    ? undefined
    : placeInTrace(parent, plan, { join: options.join, link: options.link, around: base, gate: surroundings.gate, secrets });
  const spans =
    place === undefined
      ? OpenSpan.start(parts.spans, plan, { context: base, attributes: described, carriesContent: surroundings.carriesContent })
      : startPlaced(parent, plan, { place, described, carriesContent: surroundings.carriesContent });
  const ownsCancellation = cancellation !== parts.cancellation;
  if (ownsCancellation) spans.releaseAtEnd(cancellation);
  // A root without a span of its own hands its cause on: what runs in it begins the trace, and has the link.
  const cause = place !== undefined && place.root && spans.suppressed ? place.cause : undefined;
  const { deadline } = parts;
  const inputs = given.inputs ?? noInputs;
  const opened = { name: plan.name, spans, principal, identity, cancellation, ownsCancellation, deadline, cause, inputs, surroundings };
  return new RunningScope(kernel, opened, place === undefined ? base : place.context);
}

function startPlaced(
  { kernel, parts }: RunningScope,
  plan: Plan,
  { place, described, carriesContent }: { readonly place: Place; readonly described: AttributeValues; readonly carriesContent: boolean },
): OpenSpan {
  const { context, links, root, dropped, owned } = place;
  if (dropped > 0) kernel.settings.health.count('linksDropped', dropped);
  return OpenSpan.start(owned ? parts.spans : parts.surroundings.ground.spans, plan, {
    context,
    links,
    root,
    carriesContent,
    attributes: withDropped(described, dropped),
  });
}

function withDropped(all: AttributeValues, dropped: number): AttributeValues {
  return dropped === 0 ? all : { ...all, [attributes.linksDropped.key]: dropped };
}

function surroundingsFor(parent: RunningScope, { carriesContent }: Plan, { as, content, hooks }: RunOptions): Surroundings {
  const { parts } = parent;
  const around = parts.surroundings;
  const marks = carriesContent && !around.carriesContent;
  const outerSecrets = as === undefined || as === parts.principal ? around.outerSecrets : parent.secrets;
  if (content === undefined && hooks === undefined && !marks && outerSecrets === around.outerSecrets) return around;
  return {
    ground: around.ground,
    carriesContent: marks || around.carriesContent,
    outerSecrets,
    gate: content === undefined ? around.gate : around.gate.restrict(requireContentLevel('content', content)),
    hooks: hooks === undefined ? around.hooks : around.hooks.with(hooks),
  };
}

function cancellationFor(parent: RunningScope, signal: AbortSignal | undefined): Cancellation {
  const { cancellation } = parent.parts;
  return signal === undefined ? cancellation : new Cancellation(cancellation, requireSignal('signal', signal));
}

function requireOpen(parent: RunningScope, name: string): void {
  const { kernel, parts } = parent;
  if (!kernel.accepting && parts.spans === kernel.spans && !kernel.background.isAdmitted(parent)) {
    throw new TracewrightError('TW_RUNTIME_CLOSED', `${name} was started after the runtime had been closed`, { data: { operation: name } });
  }
  if (parent.ended) {
    throw new TracewrightError('TW_SCOPE_ENDED', `${name} was started in ${parent.name}, which has ended`, {
      data: { operation: name, scope: parent.name },
    });
  }
}

function cancelledBeforeStart(
  name: string,
  { cancellation, principal }: { readonly cancellation: Cancellation; readonly principal: Principal },
): TracewrightError {
  const { reason } = cancellation;
  const by = cancelledBy(reason);
  const error = new TracewrightError('TW_CANCELLED', `${name} was cancelled by ${by} before it started`, {
    data: { by, operation: name },
    cause: reason,
  });
  // No span of the operation will tell of it, but those further out may.
  secretsAlong(error, secretsOf(principal));
  return error;
}

const runOptions = ['as', 'attributes', 'signal', 'identity', 'join', 'link', 'content', 'hooks'];

/** A misspelt `as` would run a user's work as the service: unknown options are refused on every call. */
export function requireRunOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw badOption('options', 'an object', options);
  for (const key in options) if (!runOptions.includes(key)) requireKnownKeys('options', options, runOptions);
  if (
    'attributes' in options &&
    options.attributes !== undefined &&
    (typeof options.attributes !== 'object' || options.attributes === null)
  )
    throw badOption('attributes', 'an object of attribute values', options.attributes);
}
