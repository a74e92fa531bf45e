import type { Attributes } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import { type EnvironmentReader, parsePairs, type Warn } from './environment.ts';
import { processNonce } from './process-nonce.ts';
import type { TelemetryOptions } from './telemetry-options.ts';

const serviceName = attributes.serviceName.key;
const instanceId = attributes.serviceInstanceId.key;

/** The name that OpenTelemetry asks for where a service has none. */
const unknownService = 'unknown_service:node';

/**
 * The attributes of the resource, without those of the SDK itself. Options win over `OTEL_SERVICE_NAME`, which wins over
 * `OTEL_RESOURCE_ATTRIBUTES`. `service.instance.id` is always there: as given, else `processNonce()`.
 */
export function resourceAttributes(options: TelemetryOptions, environment: EnvironmentReader, warn: Warn): Attributes {
  const name = environment.text('OTEL_SERVICE_NAME');
  const merged: Attributes = {
    [serviceName]: unknownService,
    ...fromVariable(environment, warn),
    ...(name !== undefined && { [serviceName]: name }),
    ...options.resource,
    ...(options.serviceName !== undefined && { [serviceName]: options.serviceName }),
    ...(options.serviceVersion !== undefined && { [attributes.serviceVersion.key]: options.serviceVersion }),
  };
  const given = merged[instanceId];
  merged[instanceId] = typeof given === 'string' && given !== '' ? given : processNonce();
  return merged;
}

function fromVariable(environment: EnvironmentReader, warn: Warn): Attributes | undefined {
  const given = environment.text('OTEL_RESOURCE_ATTRIBUTES');
  if (given === undefined) return undefined;
  const pairs = parsePairs(given);
  if (pairs === undefined) warn(`OTEL_RESOURCE_ATTRIBUTES is "${given}", not a list of key=value pairs: all of it is left out`);
  return pairs;
}
