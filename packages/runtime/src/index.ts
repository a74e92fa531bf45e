export type { ErrorCode } from '@tracewright/conventions';
export { currentScope } from './kernel/ambient.ts';
export type { AttributeInput, AttributeValues } from './kernel/attributes.ts';
export type { CancelledBy } from './kernel/cancellation.ts';
export { type Clock, systemClock } from './kernel/clock.ts';
export { isTracewrightError, TracewrightError } from './kernel/errors.ts';
export type { Identity, IdentityChange } from './kernel/identity.ts';
export type { Interceptor } from './kernel/interceptor.ts';
export type { Limits } from './kernel/limits.ts';
export type { LoggerProviderLike } from './kernel/logs.ts';
export { type Operation, type OperationKind, type OperationLink, operation } from './kernel/operation.ts';
export type { OwnedStream, StreamBody, StreamOptions, StreamOutcome, StreamSource } from './kernel/owned-stream.ts';
export {
  type AgentPrincipal,
  agent,
  type Principal,
  type ServicePrincipal,
  service,
  type UserPrincipal,
  user,
} from './kernel/principal.ts';
export type { Carrier } from './kernel/propagation.ts';
export type { Body, Defined, RunOptions, Scope } from './kernel/scope.ts';
export { Secret } from './kernel/secret.ts';
export type { CloseOptions, CloseReport } from './kernel/shutdown.ts';
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts';
