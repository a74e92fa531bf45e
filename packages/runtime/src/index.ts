export type { ErrorCode } from '@tracewright/conventions';
export { type Breaker, type BreakerOptions, breaker } from './interceptors/breaker.ts';
export type { BreakerState } from './interceptors/breaker-circuit.ts';
export { type CacheOptions, cache } from './interceptors/cache.ts';
export type { CacheKey, KeyPart } from './interceptors/cache-key.ts';
export type { CacheEntry, CacheStore } from './interceptors/cache-store.ts';
export { type LimitOptions, limit } from './interceptors/limit.ts';
export { type MemoryStoreOptions, memoryStore } from './interceptors/memory-store.ts';
export { type RetryOptions, retry } from './interceptors/retry.ts';
export { type TimeoutOptions, timeout } from './interceptors/timeout.ts';
export { currentScope } from './kernel/ambient.ts';
export type { AttributeInput, AttributeValues } from './kernel/attributes.ts';
export type { CancelledBy } from './kernel/cancellation.ts';
export { type Clock, systemClock } from './kernel/clock.ts';
export { type Content, content } from './kernel/content/content.ts';
export type { ContentDecision, ContentLevel, ContentPolicy, TextPlace } from './kernel/content/content-policy.ts';
export { isTracewrightError, TracewrightError } from './kernel/errors.ts';
export { type Block, block } from './kernel/hooks/hook-block.ts';
export type { HookMode } from './kernel/hooks/hook-mode.ts';
export { type HookContext, type HookRegistration, type HookResult, hook } from './kernel/hooks/hook-registration.ts';
export type { Fired } from './kernel/hooks/hook-set.ts';
export { type HookType, hookType, type NamedHook } from './kernel/hooks/hook-type.ts';
export type { HookHandle, Hooks } from './kernel/hooks/hooks.ts';
export type { Identity, IdentityChange } from './kernel/identity.ts';
export type { Around, Interceptor, PerItem } from './kernel/interceptor.ts';
export type { Limits } from './kernel/limits.ts';
export type { LoggerProviderLike } from './kernel/logs.ts';
export { type Operation, type OperationKind, type OperationLink, operation } from './kernel/operation.ts';
export type { OwnedStream, StreamBody, StreamOptions, StreamOutcome, StreamSource } from './kernel/streams/owned-stream.ts';
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
export type { Cleanup, CleanupCall } from './lifecycle/cleanups.ts';
export type { FailurePolicy, RestartOptions } from './lifecycle/fork-policy.ts';
export type { Heartbeat, HeartbeatOptions, HeartbeatReport } from './lifecycle/heartbeats.ts';
export type { Lifecycle, LifecycleBody, LifecycleHandle, StopOptions } from './lifecycle/lifecycle.ts';
export type { CompletedHook, ForkOptions, LifecycleOptions, StartedHook } from './lifecycle/lifecycle-options.ts';
export type { LifecycleTree, TreeState } from './lifecycle/lifecycle-tree.ts';
export { exitCode, type LifecycleFailure, type Outcome } from './lifecycle/outcome.ts';
export { renderTree } from './lifecycle/render-tree.ts';
export { type ShowTreeOptions, showTreeOnSignal } from './lifecycle/show-tree-on-signal.ts';
export type { SignalAction, SignalOptions, SignalSource } from './lifecycle/signal-options.ts';
export { stopOnSignals } from './lifecycle/stop-on-signals.ts';
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts';
