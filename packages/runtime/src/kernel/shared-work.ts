import { context } from '@opentelemetry/api';
import type { Cancellation } from './cancellation.ts';
import { OpenSpan } from './open-span.ts';
import { RunningScope } from './running-scope.ts';

/**
 * A scope for a part of `scope`'s work that others wait for too. It shares the span, but not the fate: it is cancelled by `cancellation` alone, and where the
 * operation ends first, its ground takes the work over, and what the work starts from then on are roots linked to that operation.
 *
 * Whoever opens it ends `parts.spans` when the work is done, and releases the cancellation.
 */
export function openShared(scope: RunningScope, cancellation: Cancellation): RunningScope {
  const { kernel, parts } = scope;
  const life = { spans: OpenSpan.sharing(parts.spans, scope.name), cancellation, ownsCancellation: true, deadline: undefined };
  return new RunningScope(kernel, { ...parts, ...life }, scope.context ?? context.active());
}
