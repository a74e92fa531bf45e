import { type Context, context } from '@opentelemetry/api';
import { isPlainPromise, isThenable, requireFunction } from './check.ts';
import { emptyContext } from './context.ts';
import { TracewrightError } from './errors.ts';
import { openScope } from './open-scope.ts';
import { type Operation, type Plan, planOf } from './operation.ts';
import { classify } from './outcome.ts';
import { RunningScope } from './running-scope.ts';
import type { RunOptions, Scope } from './scope.ts';

/** One call: what to run, and with what. */
export interface Call<T, Inputs extends unknown[]> {
  readonly operation: string | Operation;
  /** The plan of the operation, where it was made at its definition. */
  readonly plan: Plan | undefined;
  readonly body: (scope: Scope, ...inputs: Inputs) => T | Promise<T>;
  readonly options: RunOptions | undefined;
  readonly inputs: Inputs;
  /** The active context, where it is known already: the API takes some 15 ns to look it up. */
  readonly active: Context | undefined;
}

/**
 * Runs one operation below `parent`: its span is begun and ended here, on every path. Whatever goes wrong rejects.
 *
 * It waits by `then` and has no `async` frame of its own: with a context manager live, that frame would cost every operation some 100 ns on Node 20.
 */
export function execute<T, Inputs extends unknown[]>(parent: RunningScope, call: Call<T, Inputs>): Promise<T> {
  let scope: RunningScope;
  let plan: Plan;
  try {
    requireFunction('body', call.body);
    plan = call.plan ?? planOf(call.operation);
    scope = openScope(parent, plan, call);
  } catch (error) {
    return Promise.reject(error);
  }
  let settled: Promise<T>;
  try {
    settled = toPromise(scope, enter(scope, plan, call));
  } catch (error) {
    endFailed(scope, error);
    return Promise.reject(error);
  }
  return settled.then(
    (value) => {
      scope.parts.spans.end();
      return value;
    },
    (error: unknown) => {
      endFailed(scope, error);
      throw error;
    },
  );
}

function enter<T, Inputs extends unknown[]>(scope: RunningScope, { chain, entersAtBody }: Plan, call: Call<T, Inputs>): T | Promise<T> {
  const around = scope.context ?? emptyContext;
  if (chain === undefined) return context.with(around, call.body, undefined, scope, ...call.inputs);
  const body = (handed: Scope): Promise<T> => runBody(handed, scope, call);
  return entersAtBody ? chain(scope, body) : context.with(around, chain<T>, undefined, scope, body);
}

/** What is no plain promise but can be awaited may begin its work only then: inside the operation, as the rest of it. */
function toPromise<T>(scope: Scope, result: T | Promise<T>): Promise<T> {
  if (isPlainPromise(result)) return result;
  if (!isThenable(result)) return Promise.resolve(result);
  const waiting: Promise<T> = scope.activate(() => Promise.resolve().then((): T | PromiseLike<T> => result));
  return waiting;
}

function endFailed(scope: RunningScope, error: unknown): void {
  const { spans, cancellation } = scope.parts;
  const handed = scope.handed?.parts.cancellation;
  // The work may have ended before its operation was cancelled: between two tries, of which the first was cancelled by its own time-out.
  const isOwn = cancellation.aborted && cancellation.reason === error;
  spans.fail(classify(error, handed?.aborted === true && !isOwn ? handed : cancellation), scope.context ?? emptyContext);
  spans.end();
}

/** The innermost step of a chain: the scope that it hands on, which an interceptor may have derived, becomes the current one for the body. */
function runBody<T, Inputs extends unknown[]>(handed: Scope, opened: RunningScope, { body, inputs }: Call<T, Inputs>): Promise<T> {
  try {
    if (handed.ended) throw endedBefore(opened);
    if (handed !== opened && handed instanceof RunningScope) opened.handed = handed;
    const result = handed.activate(() => body(handed, ...inputs));
    return toPromise(handed, result);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** An interceptor that waited longer than its operation lived: the body would run where nothing shows it. */
function endedBefore({ name }: RunningScope): TracewrightError<'TW_SCOPE_ENDED'> {
  return new TracewrightError('TW_SCOPE_ENDED', `the body of ${name} was to be called after the operation had ended`, {
    data: { operation: name },
  });
}
