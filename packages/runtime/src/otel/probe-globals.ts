import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { importedApiVersion, registryVersion, seesRegistered } from './api-registry.ts';

/** What the probe can find wrong. */
export type TelemetryFault =
  | 'api_copies'
  | 'no_context_manager'
  | 'context_lost'
  | 'no_tracer_provider'
  | 'sampled_out'
  | 'spans_throw'
  | 'untested_sdk';

/** One fault, with how to mend it. */
export interface TelemetryFinding {
  readonly fault: TelemetryFault;
  readonly message: string;
}

/** Whether one copy of the API is in use, as far as it matters: a provider that is given is asked itself. */
export function probeCopies(providerGiven: boolean): TelemetryFinding[] {
  const unseen = (['trace', 'context', 'metrics'] as const).filter((name) => !(providerGiven && name === 'trace') && !seesRegistered(name));
  if (unseen.length === 0) return [];
  const owner = registryVersion() ?? 'another version';
  const message =
    `two copies of @opentelemetry/api: ${owner} registered the globals, Tracewright imports ${importedApiVersion() ?? 'a newer one'} and cannot use them, ` +
    'so that nothing is recorded. Install one version of @opentelemetry/api for the whole program; npm ls @opentelemetry/api shows the copies';
  return [{ fault: 'api_copies', message }];
}

/** Whether what is made active in a context is seen at once, and after an `await`. */
export async function probeContext(): Promise<TelemetryFinding[]> {
  const key = createContextKey('tracewright.probe');
  const seen = (): boolean => context.active().getValue(key) === true;
  const found = await context.with(ROOT_CONTEXT.setValue(key, true), async () => {
    const atOnce = seen();
    await Promise.resolve();
    return { atOnce, later: seen() };
  });
  if (found.later) return [];
  const manager = 'AsyncLocalStorageContextManager of @opentelemetry/context-async-hooks';
  if (found.atOnce) {
    const message = `the registered context manager loses context over an await: spans find no parent. Register ${manager} in its place`;
    return [{ fault: 'context_lost', message }];
  }
  const message = `no context manager is registered: spans find no parent. Call startTelemetry, or register ${manager}, before any work`;
  return [{ fault: 'no_context_manager', message }];
}
