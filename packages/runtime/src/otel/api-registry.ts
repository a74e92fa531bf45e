import { context, createContextKey, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where every copy of `@opentelemetry/api` 1.x keeps the globals that were registered, with the version of the copy that registered the first. */
const registryKey = Symbol.for('opentelemetry.js.api.1');
/** Where the separate logs API of the 1.9 line keeps the logger provider. */
const logsKey = Symbol.for('io.opentelemetry.js.api.logs');

export type GlobalName = 'trace' | 'metrics' | 'logs' | 'context' | 'propagation';

/** What is registered under a name, by whichever copy of the API; undefined when nothing is. */
export function registered(name: GlobalName): unknown {
  const entry: unknown = Reflect.get(registry(), name);
  return entry ?? (name === 'logs' ? Reflect.get(globalThis, logsKey) : undefined);
}

/** The version of the API copy that owns the globals; undefined when there are none. */
export function registryVersion(): string | undefined {
  const version: unknown = Reflect.get(registry(), 'version');
  return typeof version === 'string' ? version : undefined;
}

/**
 * Whether the copy of the API that Tracewright imports uses the globals that are registered: a copy ignores, in silence, those of an older minor version.
 */
export function seesRegistered(name: 'trace' | 'metrics' | 'context'): boolean {
  const entry = registered(name);
  if (entry === undefined) return true;
  if (name === 'trace') return trace.getTracerProvider() === entry;
  if (name === 'metrics') return metrics.getMeterProvider() === entry;
  return sharesContext(entry);
}

/** The API does not show its context manager: what the registered one makes active is looked for through our copy. */
function sharesContext(manager: unknown): boolean {
  if (typeof manager !== 'object' || manager === null || !('with' in manager) || typeof manager.with !== 'function') return false;
  const key = createContextKey('tracewright.probe');
  return manager.with(ROOT_CONTEXT.setValue(key, true), () => context.active().getValue(key) === true) === true;
}

/** The version of the copy that Tracewright imports; undefined in a bundle, which has no package.json to read it from. */
export function importedApiVersion(): string | undefined {
  try {
    let folder = dirname(createRequire(import.meta.url).resolve('@opentelemetry/api'));
    while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
    const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof content === 'object' && content !== null && 'version' in content ? String(content.version) : undefined;
  } catch {
    // Only a message is poorer for not knowing it.
    return undefined;
  }
}

function registry(): object {
  const found: unknown = Reflect.get(globalThis, registryKey);
  return typeof found === 'object' && found !== null ? found : {};
}
