import { randomUUID } from 'node:crypto';

let nonce: string | undefined;

/**
 * One value for this process: a random UUID made at the first call, or the `service.instance.id` that telemetry was started with. It equals
 * `service.instance.id` of the resource whenever `startTelemetry` has made that resource.
 */
export function processNonce(): string {
  nonce ??= randomUUID();
  return nonce;
}

/** Makes a `service.instance.id` that was given from outside the nonce of this process. */
export function adoptProcessNonce(instanceId: string): void {
  nonce = instanceId;
}
