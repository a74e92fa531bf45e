import { type Context, context, type MeterProvider, trace, type TracerProvider } from '@opentelemetry/api';
import { instrumentationScope, semanticConventions } from '@tracewright/conventions';
import { ambientScope } from './kernel/ambient.ts';
import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive, requireText } from './kernel/check.ts';
import { ContentGate } from './kernel/content/content-gate.ts';
import { type ContentLevel, type ContentPolicy, contentPolicyOf } from './kernel/content/content-policy.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import type { HookRegistration } from './kernel/hooks/hook-registration.ts';
import type { Hooks } from './kernel/hooks/hooks.ts';
import { createKernel, type OwnedKernel } from './kernel/create-kernel.ts';
import { badOption } from './kernel/errors.ts';
import { countHealth } from './kernel/health.ts';
import { exceptionSignals } from './kernel/exceptions.ts';
import type { KernelSettings } from './kernel/kernel.ts';
import { type Limits, requireLimits } from './kernel/limits.ts';
import { type LoggerProviderLike, logSink } from './kernel/logs.ts';
import { type Operation, planOf } from './kernel/operation.ts';
import type { OwnedStream, StreamBody, StreamOptions } from './kernel/streams/owned-stream.ts';
import { service as servicePrincipal } from './kernel/principal.ts';
import { requireScope } from './kernel/running-scope.ts';
import type { Body, Defined, RunOptions, Scope } from './kernel/scope.ts';
import { type CloseOptions, type CloseReport, shutDown } from './kernel/shutdown.ts';
import { toSpanTime } from './kernel/span-time.ts';
import { version } from './kernel/version.ts';
import type { LifecycleBody, LifecycleHandle } from './lifecycle/lifecycle.ts';
import type { LifecycleOptions } from './lifecycle/lifecycle-options.ts';
import { refusalToWaitFor } from './lifecycle/inside.ts';
import { startLifecycle } from './lifecycle/start-lifecycle.ts';

export interface ServiceInfo {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly principalId: string;
}

export interface RuntimeOptions {
  /** Who the service is. `principalId` is the `caller.id` of work that nobody else is named for; default `name`, else `service`. */
  readonly service?:
    | { readonly name?: string | undefined; readonly version?: string | undefined; readonly principalId?: string | undefined }
    | undefined;
  /** Default: the host's global provider, looked up when the first span starts. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** For counts of what telemetry lost. Default: the host's global provider. */
  readonly meterProvider?: MeterProvider | undefined;
  /** For exceptions as log records. Default: the host's global provider. */
  readonly loggerProvider?: LoggerProviderLike | undefined;
  /**
   * What of the content that work carries may leave the process as telemetry: nothing (`none`, the default), its length (`metadata`), all of it (`full`), or
   * as a policy says. Where the environment says something too, the stricter of both holds.
   */
  readonly content?: ContentLevel | ContentPolicy | undefined;
  /** Hooks that hear the events of all work. More can be added by `hooks.add`. */
  readonly hooks?: readonly HookRegistration[] | undefined;
  /** Default: real time. */
  readonly clock?: Clock | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Names of operations without a span of their own; what runs in them attaches to the nearest span above, so that nothing is orphaned. */
  readonly suppress?: readonly string[] | undefined;
}

/** Runs operations. It owns every span that it starts, until `close`. */
export interface Runtime extends AsyncDisposable {
  /** Who the service is, as given, with the id that its own work runs under. */
  readonly service: ServiceInfo;
  /** The current scope, where it is this runtime's; else the scope that the runtime starts work in. */
  readonly scope: Scope;
  /** The hooks that hear the events of all work. */
  readonly hooks: Hooks;
  /** As `Scope.run`, in the current scope. A span of the host's that is active becomes the parent. */
  run<T>(operation: string | Operation, body: Body<T>, options?: RunOptions): Promise<T>;
  /** As `Scope.stream`, in the current scope. */
  stream<T>(operation: string | Operation, body: StreamBody<T>, options?: StreamOptions): OwnedStream<T>;
  /**
   * An operation that is called like a function: checked and composed here, so that a call has nothing left to decide.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong operation or body
   * @example const topOrders = runtime.define('top orders', (scope, count: number) => orders.top(count, scope.signal));
   */
  define<Arguments extends unknown[], T>(
    operation: string | Operation,
    body: (scope: Scope, ...args: Arguments) => T | Promise<T>,
  ): Defined<Arguments, T>;
  /**
   * Starts a long-lived owner of work, which has no span itself: what runs in it are roots, linked to the span that is active here. Its body is called at once; it
   * ends when that, all forks and all operations in it, and then its cleanups have ended, and when this runtime closes.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong name, body or option; `TW_RUNTIME_CLOSED` once `close` was called
   * @example const worker = runtime.lifecycle('worker', async (l) => { for await (const job of l.until(jobs)) await l.run('do job', () => job()); });
   */
  lifecycle(name: string, body: LifecycleBody, options?: LifecycleOptions): LifecycleHandle;
  /**
   * Ends in order: nothing new starts, running work is waited for, then cancelled, then its spans are ended for it. Resolves with what it found; a second call
   * gives the first one's report.
   *
   * Inside a lifecycle of this runtime it only begins, and rejects who awaits it: the lifecycle would wait for itself. What runs inside is known by the context manager
   * of the host. Call it there without awaiting, or await it after the `done` of the lifecycle.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` for a wrong option; rejects with `TW_LIFECYCLE_STATE` inside a lifecycle
   */
  close(options?: CloseOptions): Promise<CloseReport>;
}

/**
 * Makes a runtime. It starts nothing, registers nothing and replaces nothing; `await using` or `close` ends it.
 *
 * `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` is read here: `logs` records exceptions as log records, `logs/dup` as both, anything else as span events.
 *
 * `TRACEWRIGHT_CONTENT` (`none`, `metadata`, `full`) is read here too, and where it is absent `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option or variable and the value received
 */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  requirePlainObject('options', options);
  requireKnownKeys('options', options, [
    'service',
    'tracerProvider',
    'meterProvider',
    'loggerProvider',
    'content',
    'hooks',
    'clock',
    'limits',
    'suppress',
  ]);
  const service = requireService(options.service);
  const kernel = createKernel(settingsOf(options), servicePrincipal(service.principalId));
  if (options.hooks !== undefined && !Array.isArray(options.hooks)) throw badOption('hooks', 'an array of hooks', options.hooks);
  for (const hook of options.hooks ?? []) kernel.hooks.add(hook);
  return new OperationRuntime(service, kernel);
}

const noInputs: [] = [];

class OperationRuntime implements Runtime {
  readonly service: ServiceInfo;
  readonly #kernel: OwnedKernel;
  #closing: Promise<CloseReport> | undefined;

  constructor(service: ServiceInfo, kernel: OwnedKernel) {
    this.service = service;
    this.#kernel = kernel;
  }

  get hooks(): Hooks {
    return this.#kernel.hooks;
  }

  get scope(): Scope {
    return ambientScope(this.#kernel, context.active());
  }

  run<T>(operation: string | Operation, body: Body<T>, options?: RunOptions): Promise<T> {
    const active = context.active();
    return this.#kernel.execute(ambientScope(this.#kernel, active), {
      operation,
      plan: undefined,
      body,
      options,
      inputs: noInputs,
      active,
    });
  }

  stream<T>(operation: string | Operation, body: StreamBody<T>, options?: StreamOptions): OwnedStream<T> {
    return this.#kernel.openStream(ambientScope(this.#kernel, context.active()), { operation, body, options });
  }

  define<Arguments extends unknown[], T>(
    given: string | Operation,
    body: (scope: Scope, ...args: Arguments) => T | Promise<T>,
  ): Defined<Arguments, T> {
    requireFunction('body', body);
    const plan = planOf(given);
    const kernel = this.#kernel;
    // Written out: a spread of two objects takes microseconds on Node 20.
    const call = (inputs: Arguments, active: Context | undefined) => ({ operation: given, plan, body, options: undefined, inputs, active });
    const inScope = (scope: Scope, ...inputs: Arguments): Promise<T> => kernel.execute(requireScope(scope), call(inputs, undefined));
    const defined = (...inputs: Arguments): Promise<T> => {
      const active = context.active();
      return kernel.execute(ambientScope(kernel, active), call(inputs, active));
    };
    return Object.assign(defined, { in: inScope });
  }

  lifecycle(name: string, body: LifecycleBody, options?: LifecycleOptions): LifecycleHandle {
    return startLifecycle(ambientScope(this.#kernel, context.active()), { name, body, options });
  }

  close(options: CloseOptions = {}): Promise<CloseReport> {
    requireKnownKeys('options', requirePlainObject('options', options), ['timeoutMs', 'graceMs']);
    const timeoutMs = requirePositive('timeoutMs', options.timeoutMs ?? 10_000);
    const graceMs = requirePositive('graceMs', options.graceMs ?? 1000);
    const refusal = refusalToWaitFor(this.#kernel);
    this.#closing ??= shutDown(this.#kernel, { timeoutMs, graceMs });
    if (refusal === undefined) return this.#closing;
    const refused = Promise.reject<CloseReport>(refusal);
    // Only who waits has made a mistake.
    refused.catch(() => undefined);
    return refused;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function settingsOf({
  tracerProvider,
  meterProvider,
  loggerProvider,
  content,
  clock = systemClock,
  limits,
  suppress = [],
}: RuntimeOptions): KernelSettings {
  if (tracerProvider !== undefined && typeof tracerProvider.getTracer !== 'function')
    throw badOption('tracerProvider', 'an OpenTelemetry tracer provider', tracerProvider);
  if (meterProvider !== undefined && typeof meterProvider.getMeter !== 'function')
    throw badOption('meterProvider', 'an OpenTelemetry meter provider', meterProvider);
  if (loggerProvider !== undefined && typeof loggerProvider.getLogger !== 'function')
    throw badOption('loggerProvider', 'an OpenTelemetry logger provider', loggerProvider);
  if (typeof clock.now !== 'function' || typeof clock.setTimer !== 'function') throw badOption('clock', 'a Clock', clock);
  if (!Array.isArray(suppress)) throw badOption('suppress', 'an array of operation names', suppress);
  const checkedLimits = requireLimits(limits);
  // Not `trace.getTracer`: it would drop the schema. The global provider is a proxy, so that one that is registered later is found too.
  const provider = tracerProvider ?? trace.getTracerProvider();
  return {
    tracer: provider.getTracer(instrumentationScope, version, { schemaUrl: semanticConventions.schemaUrl }),
    clock,
    limits: checkedLimits,
    gate: ContentGate.of(contentPolicyOf(content, process.env), checkedLimits.attributeLength),
    health: countHealth(meterProvider),
    exceptions: { signals: exceptionSignals(process.env['OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN']), logs: logSink(loggerProvider) },
    suppress: new Set(suppress),
    spanTime: clock === systemClock ? () => undefined : () => toSpanTime(clock.now()),
  };
}

function requireService(given: RuntimeOptions['service'] = {}): ServiceInfo {
  requireKnownKeys('service', requirePlainObject('service', given), ['name', 'version', 'principalId']);
  const { name, version: serviceVersion, principalId = name ?? 'service' } = given;
  if (name !== undefined) requireText('service.name', name);
  if (serviceVersion !== undefined) requireText('service.version', serviceVersion);
  return Object.freeze({ name, version: serviceVersion, principalId: requireText('service.principalId', principalId) });
}
