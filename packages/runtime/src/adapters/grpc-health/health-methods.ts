import { type sendUnaryData, type ServerUnaryCall, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { ServiceStatuses } from './service-statuses.ts';
import type { HealthCheckRequest, HealthCheckResponse, Watches } from './watches.ts';

/** As many as other servers list. */
const maxListed = 100;

interface HealthListResponse {
  readonly statuses: Readonly<Record<string, HealthCheckResponse>>;
}

/** The methods of `grpc.health.v1.Health`. */
export function healthMethods(statuses: ServiceStatuses, watches: Watches): UntypedServiceImplementation {
  return {
    check(call: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>, respond: sendUnaryData<HealthCheckResponse>): void {
      const serving = statuses.of(call.request.service);
      // The name is not repeated: it may be as long as a request.
      if (serving === undefined)
        respond({ code: status.NOT_FOUND, details: 'there is no service of this name: List tells which there are' });
      else respond(null, { status: serving });
    },
    list(_call: ServerUnaryCall<object, HealthListResponse>, respond: sendUnaryData<HealthListResponse>): void {
      const names = statuses.names();
      if (names.length > maxListed) {
        respond({ code: status.RESOURCE_EXHAUSTED, details: `${names.length} services are more than the ${maxListed} that are listed` });
        return;
      }
      respond(null, { statuses: Object.fromEntries(names.map((name) => [name, { status: statuses.of(name) ?? 'NOT_SERVING' }])) });
    },
    watch: (call: Parameters<Watches['add']>[0]): void => watches.add(call),
  };
}
