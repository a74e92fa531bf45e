import { attributes } from '@tracewright/conventions';
import { type AttributeValues, frozenCopy } from './attributes.ts';
import { requireKnownKeys } from './check.ts';
import { badSecretOption } from './errors.ts';
import { Secret } from './secret.ts';

/**
 * Who executes. Immutable; made by `user`, `service` and `agent` only, so that no work runs as nobody.
 *
 * `id` is what `caller.id` shows. E-mail and credentials never become attributes.
 */
export type Principal = UserPrincipal | ServicePrincipal | AgentPrincipal;

interface PrincipalBase {
  readonly id: string;
  /** What every operation span of this principal carries. */
  readonly attributes: AttributeValues;
}

export interface UserPrincipal extends PrincipalBase {
  readonly kind: 'user';
  readonly email: string | undefined;
  readonly credentials: Secret<unknown> | undefined;
}

export interface ServicePrincipal extends PrincipalBase {
  readonly kind: 'service';
  /** True only where the service stands in for a user whom nobody could name, in development. */
  readonly developmentFallback: boolean;
}

export interface AgentPrincipal extends PrincipalBase {
  readonly kind: 'agent';
  /** The principal that the agent acts for; may be an agent itself. */
  readonly for: Principal;
}

const made = new WeakSet<object>();

/**
 * A person. `credentials` (a token, a client: anything) are kept as a `Secret`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an empty id
 */
export function user(id: string, options: { readonly email?: string; readonly credentials?: unknown } = {}): UserPrincipal {
  requireId('user id', id);
  requireKnownKeys('user options', options, ['email', 'credentials']);
  const { email, credentials } = options;
  return remember<UserPrincipal>({
    kind: 'user',
    id,
    email: email === undefined ? undefined : requireId('user email', email),
    credentials: credentials === undefined || credentials instanceof Secret ? credentials : new Secret(credentials),
    attributes: { [attributes.executionContext.key]: 'user', [attributes.callerId.key]: id },
  });
}

/**
 * The service itself. `developmentFallback` marks work that a user should have done, and that the service did because no user was known in development;
 * spans then say `execution.obo_dev_fallback`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an empty id
 */
export function service(id: string, options: { readonly developmentFallback?: boolean } = {}): ServicePrincipal {
  requireId('service id', id);
  requireKnownKeys('service options', options, ['developmentFallback']);
  const developmentFallback = options.developmentFallback === true;
  return remember<ServicePrincipal>({
    kind: 'service',
    id,
    developmentFallback,
    attributes: {
      [attributes.executionContext.key]: 'service',
      [attributes.callerId.key]: id,
      ...(developmentFallback ? { [attributes.developmentFallback.key]: true } : {}),
    },
  });
}

/**
 * An agent that acts for somebody: the caller is the agent, and the spans also say for whom.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an empty id, or when `for` is not a principal
 */
export function agent(id: string, options: { readonly for: Principal }): AgentPrincipal {
  requireId('agent id', id);
  const subject = requirePrincipal('agent for', (options as { for?: unknown } | undefined)?.for); // From JavaScript the options may be missing.
  const chain = [`agent:${id}`];
  let last: Principal = subject;
  for (; last.kind === 'agent'; last = last.for) chain.push(`agent:${last.id}`);
  chain.push(`${last.kind}:${last.id}`);
  return remember<AgentPrincipal>({
    kind: 'agent',
    id,
    for: subject,
    attributes: {
      [attributes.executionContext.key]: 'agent',
      [attributes.callerId.key]: id,
      [attributes.callerFor.key]: last.id,
      [attributes.callerChain.key]: frozenCopy(chain),
    },
  });
}

/** Only a principal made by `user`, `service` or `agent` passes: an object that merely looks like one could lie about its attributes. */
export function requirePrincipal(option: string, value: unknown): Principal {
  if (!isPrincipal(value)) throw badSecretOption(option, 'a principal made by user(), service() or agent()', value);
  return value;
}

/** Whoever passes an object by mistake may have put credentials into it. */
function requireId(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw badSecretOption(option, 'a non-empty string', value);
  return value;
}

function isPrincipal(value: unknown): value is Principal {
  return typeof value === 'object' && value !== null && made.has(value);
}

function remember<P extends Principal>(principal: P): P {
  Object.freeze(principal.attributes);
  made.add(principal);
  return Object.freeze(principal);
}
