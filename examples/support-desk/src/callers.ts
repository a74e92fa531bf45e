import { agent, type Principal, type ServicePrincipal, service, user } from 'tracewright';
import { z } from 'zod';

/** Who stands in where a request names nobody; undefined refuses such a request. */
export type Fallback = ServicePrincipal | undefined;

/** In development the service stands in for a user whom nobody named, and every span of the work says so. In production nobody does. */
export function fallbackFor(mode: 'development' | 'production', serviceId: string): Fallback {
  return mode === 'production' ? undefined : service(serviceId, { developmentFallback: true });
}

/**
 * Who makes a request: `x-user` names a user, `x-service` another service, `x-agent` an agent that acts for either.
 *
 * The headers are believed, as this service listens on loopback only. Behind a proxy that signs users in, the proxy has to set them itself.
 *
 * @returns undefined when nobody is named and nobody may stand in
 */
export function callerOf(headers: Headers, fallback: Fallback): Principal | undefined {
  const subject = namedBy(headers) ?? fallback;
  const agentId = headers.get('x-agent');
  return subject === undefined || agentId === null || agentId === '' ? subject : agent(agentId, { for: subject });
}

function namedBy(headers: Headers): Principal | undefined {
  const userId = headers.get('x-user');
  if (userId !== null && userId !== '') return user(userId);
  const serviceId = headers.get('x-service');
  return serviceId === null || serviceId === '' ? undefined : service(serviceId);
}

/** A principal as it travels beside a ticket. What must not travel, e-mail and credentials, has no place in it. */
export const travellingCaller = z.object({
  kind: z.enum(['user', 'service']),
  id: z.string().min(1),
  developmentFallback: z.boolean(),
  /** Who acts for them, the one that called first. */
  agents: z.array(z.string().min(1)),
});

type TravellingCaller = z.output<typeof travellingCaller>;

export function packCaller(principal: Principal): TravellingCaller {
  const agents: string[] = [];
  let subject = principal;
  for (; subject.kind === 'agent'; subject = subject.for) agents.push(subject.id);
  const { kind, id } = subject;
  return { kind, id, developmentFallback: subject.kind === 'service' && subject.developmentFallback, agents };
}

export function unpackCaller({ kind, id, developmentFallback, agents }: TravellingCaller): Principal {
  const subject: Principal = kind === 'user' ? user(id) : service(id, { developmentFallback });
  return agents.reduceRight<Principal>((known, name) => agent(name, { for: known }), subject);
}
