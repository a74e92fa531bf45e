import { context } from '@opentelemetry/api';
import { requireFunction } from './check.ts';
import { openScope } from './open-scope.ts';
import { type Operation, planOf } from './operation.ts';
import { classify } from './outcome.ts';
import type { RunningScope } from './running-scope.ts';
import type { RunOptions, Scope } from './scope.ts';

/** One call: what to run, and with what. */
export interface Call<T, Inputs extends unknown[]> {
  readonly operation: string | Operation;
  readonly body: (scope: Scope, ...inputs: Inputs) => T | Promise<T>;
  readonly options: RunOptions | undefined;
  readonly inputs: Inputs;
}

/**
 * Runs one operation below `parent`: its span is begun and ended here, on every path. One async frame in all, whatever the operation has.
 */
export async function execute<T, Inputs extends unknown[]>(parent: RunningScope, call: Call<T, Inputs>): Promise<T> {
  const { body, inputs } = call;
  requireFunction('body', body);
  const plan = planOf(call.operation);
  const scope = openScope(parent, plan, call);
  const { spans, cancellation } = scope.parts;
  const around = scope.context ?? scope.kernel.settings.emptyContext;
  try {
    if (plan.chain === undefined) return await context.with(around, body, undefined, scope, ...inputs);
    const { chain } = plan;
    return await context.with(around, () => chain(scope, (handed) => runBody(handed, scope, call)));
  } catch (error) {
    spans.fail(classify(error, cancellation), around);
    throw error;
  } finally {
    spans.end();
  }
}

/** The innermost step of a chain: a scope that an interceptor derived becomes the current one for the body. */
async function runBody<T, Inputs extends unknown[]>(handed: Scope, opened: RunningScope, { body, inputs }: Call<T, Inputs>): Promise<T> {
  if (handed === opened) return await body(handed, ...inputs);
  return await handed.activate(() => body(handed, ...inputs));
}
