import { emptyContext } from './context.ts';
import { OpenSpan } from './open-span.ts';
import { type Operation, planOf } from './operation.ts';
import { classify } from './outcome.ts';
import type { RunningScope } from './running-scope.ts';
import { startAttributes } from './start-attributes.ts';

export interface PastOperation {
  readonly operation: Operation;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly error: unknown;
  /** The scope in which it ran: its cancellation tells a cancelled operation from a failed one. */
  readonly ranIn: RunningScope;
}

/**
 * Shows a part of `scope`'s work, which ends now with `error`, as an operation of its own, because only now it is known to have been one: the first of several
 * tries. What it started has the operation of `scope` as its parent, and an exception that is recorded below is not recorded again.
 */
export function recordPast(scope: RunningScope, { operation, startedAt, error, ranIn }: PastOperation): void {
  const { parts } = scope;
  const plan = planOf(operation);
  const described = startAttributes(plan, {
    principal: parts.principal,
    identity: parts.identity,
    gate: scope.gate,
    secrets: scope.secrets,
  });
  const context = scope.context ?? emptyContext;
  const spans = OpenSpan.start(parts.spans, plan, {
    context,
    attributes: described,
    startedAt,
    carriesContent: parts.surroundings.carriesContent,
  });
  spans.knowWhatOwnerKnows();
  spans.fail(classify(error, ranIn.parts.cancellation), context);
  spans.end();
}
