import { type Context, createContextKey, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import type { RunningScope } from './running-scope.ts';

const scopeKey = createContextKey('tracewright.scope');
/** The API keeps the key of the active span to itself; setting a span on a context that listens tells it. */
const spanKey = learnSpanKey();

/**
 * An OpenTelemetry context that holds a scope and its active span beside what the host's context had. Making one is a single small object, where setting
 * two values on a standard context copies its map twice. It never stands on another of its kind, so a chain of forks does not grow in memory.
 */
export class ScopeContext implements Context {
  readonly #base: Context;
  readonly #scope: RunningScope | undefined;
  readonly #span: unknown;

  private constructor(base: Context, scope: RunningScope | undefined, span: unknown) {
    this.#base = base;
    this.#scope = scope;
    this.#span = span;
  }

  /** `over` with another scope and active span (none, when undefined). */
  static of(over: Context, scope: RunningScope, span: Span | undefined): ScopeContext {
    return new ScopeContext(over instanceof ScopeContext ? over.#base : over, scope, span);
  }

  getValue(key: symbol): unknown {
    if (key === spanKey) return this.#span;
    return key === scopeKey ? this.#scope : this.#base.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    if (key === spanKey) return new ScopeContext(this.#base, this.#scope, value);
    return new ScopeContext(this.#base.setValue(key, value), this.#scope, this.#span);
  }

  deleteValue(key: symbol): Context {
    if (key === spanKey) return new ScopeContext(this.#base, this.#scope, undefined);
    return new ScopeContext(this.#base.deleteValue(key), this.#scope, this.#span);
  }
}

/** The scope that `context` holds, of whichever runtime. */
export function scopeIn(context: Context): RunningScope | undefined {
  // Only ScopeContext answers this key, and only with a scope.
  return context.getValue(scopeKey) as RunningScope | undefined;
}

function learnSpanKey(): symbol {
  let learned: symbol | undefined;
  const listening: Context = {
    getValue: () => undefined,
    setValue(key) {
      learned = key;
      return listening;
    },
    deleteValue: () => listening,
  };
  trace.setSpan(listening, trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
  // An API that sets spans otherwise than by a value would be a new major version; the fallback then never matches and contexts still work.
  return learned ?? createContextKey('tracewright.span');
}

/** `context` without an active span, its baggage and other values kept. */
export function withoutSpan(context: Context): Context {
  return trace.deleteSpan(context);
}

export const emptyContext: Context = ROOT_CONTEXT;
