import { type GlobalName, importedApiVersion, registered, registryVersion } from './api-registry.ts';
import type { Warn } from './environment.ts';

/** One of OpenTelemetry's globals: how it is registered and how it is given up again. */
export interface GlobalSlot {
  readonly name: GlobalName;
  /** @returns false when the API refuses */
  register(): boolean;
  disable(): void;
}

/** Gives a global up again, unless somebody else has taken it meanwhile. */
export type Release = () => void;

/**
 * Registers a global where there is none. A host's own is never replaced.
 *
 * @returns undefined when the global was taken already, or when the API refused, which is told
 */
export function claimGlobal(slot: GlobalSlot, warn: Warn): Release | undefined {
  if (registered(slot.name) !== undefined) return undefined;
  if (!slot.register()) {
    const owner = `@opentelemetry/api ${registryVersion() ?? 'of another version'} owns the globals, Tracewright imports ${importedApiVersion() ?? 'another'}`;
    warn(
      `the global for ${slot.name} was refused: ${owner}. Install one version of @opentelemetry/api; npm ls @opentelemetry/api shows the copies`,
    );
    return undefined;
  }
  const ours = registered(slot.name);
  return () => {
    if (registered(slot.name) === ours) slot.disable();
  };
}
