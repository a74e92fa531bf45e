import { context, propagation } from '@opentelemetry/api';
import type { GlobalSlot } from './claim-global.ts';
import type { EnvironmentReader, Warn } from './environment.ts';

/**
 * The context manager on AsyncLocalStorage, and the propagators that `OTEL_PROPAGATORS` names: W3C trace context and baggage unless it says otherwise.
 */
export async function contextGlobals(environment: EnvironmentReader, warn: Warn): Promise<readonly GlobalSlot[]> {
  const propagators = await makePropagators(environment, warn);
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const manager = new AsyncLocalStorageContextManager().enable();
  const contextSlot: GlobalSlot = {
    name: 'context',
    register: () => context.setGlobalContextManager(manager),
    disable: () => context.disable(),
  };
  if (propagators.length === 0) return [contextSlot];
  const { CompositePropagator } = await import('@opentelemetry/core');
  const propagator = new CompositePropagator({ propagators });
  return [
    contextSlot,
    { name: 'propagation', register: () => propagation.setGlobalPropagator(propagator), disable: () => propagation.disable() },
  ];
}

async function makePropagators(environment: EnvironmentReader, warn: Warn) {
  const { W3CBaggagePropagator, W3CTraceContextPropagator } = await import('@opentelemetry/core');
  const names = new Set(environment.list('OTEL_PROPAGATORS') ?? ['tracecontext', 'baggage']);
  if (names.has('none')) return [];
  const propagators = [];
  for (const name of names) {
    if (name === 'tracecontext') propagators.push(new W3CTraceContextPropagator());
    else if (name === 'baggage') propagators.push(new W3CBaggagePropagator());
    else warn(`OTEL_PROPAGATORS names "${name}": only tracecontext, baggage and none are known, it is left out`);
  }
  return propagators;
}
