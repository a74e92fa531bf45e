import { context, INVALID_SPAN_CONTEXT, isSpanContextValid, type SpanContext } from '@opentelemetry/api';
import type { Cancellation } from './cancellation.ts';
import { scopeIn, withoutSpan } from './context.ts';
import { type IdentityChange, changeIdentity } from './identity.ts';
import { OpenSpan } from './open-span.ts';
import { activeSpan, contextAround } from './place-in-trace.ts';
import { type Principal, requirePrincipal } from './principal.ts';
import { RunningScope } from './running-scope.ts';
import type { Ground } from './surroundings.ts';

export interface GroundOptions {
  readonly name: string;
  /** What the new ground stands on itself: a lifecycle that forks it, else the runtime. */
  readonly below: Ground;
  /** Cancels what runs on the ground. Whoever made it releases it. */
  readonly cancellation: Cancellation;
  readonly as?: Principal | undefined;
  readonly identity?: IdentityChange | undefined;
}

/**
 * A scope for what lives long: nothing is active in it, and each operation that starts in it is a root, linked to the span that was active where the ground was
 * opened. Who executes and where work belongs is taken over from `parent`. Ending its `parts.spans` ends what is still open on it.
 */
export function openGround(parent: RunningScope, { name, below, cancellation, as, identity }: GroundOptions): RunningScope {
  const { kernel, parts } = parent;
  const principal = as === undefined ? parts.principal : requirePrincipal('as', as);
  const changed = changeIdentity(parts.identity, identity);
  const around = contextAround(parent);
  const spans = OpenSpan.ground(below.spans, name);
  const surroundings = { ...parts.surroundings, ground: { spans, cancellation } };
  // A lifecycle that forks from inside an operation stands on its own ground, but the operation is why; also one that has ended, and left work behind.
  const cause =
    activeSpan(around) ?? activeSpan(context.active()) ?? causeOf(scopeIn(context.active())) ?? parts.cause ?? INVALID_SPAN_CONTEXT;
  const life = { name, spans, principal, identity: changed, cancellation, ownsCancellation: true, deadline: undefined };
  return new RunningScope(kernel, { ...life, cause, inputs: [], surroundings }, withoutSpan(around));
}

function causeOf(scope: RunningScope | undefined): SpanContext | undefined {
  const cause = scope?.parts.cause;
  return cause !== undefined && isSpanContextValid(cause) ? cause : undefined;
}
