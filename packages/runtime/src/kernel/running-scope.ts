import { type Context, context, INVALID_SPAN_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { AsyncResource } from 'node:async_hooks';
import type { AttributeInput } from './attributes.ts';
import { bindTarget } from './bound.ts';
import { Cancellation } from './cancellation.ts';
import { requireFunction, requirePositive, requireSignal } from './check.ts';
import type { Clock } from './clock.ts';
import type { ContentGate } from './content/content-gate.ts';
import { ScopeContext, withoutSpan } from './context.ts';
import { badOption } from './errors.ts';
import { Ears } from './hooks/hook-ears.ts';
import type { Fired } from './hooks/hook-set.ts';
import type { HookType } from './hooks/hook-type.ts';
import type { Identity } from './identity.ts';
import type { Kernel } from './kernel.ts';
import type { OpenSpan } from './open-span.ts';
import type { Surroundings } from './surroundings.ts';
import type { Operation } from './operation.ts';
import type { OwnedStream, StreamBody, StreamOptions } from './streams/owned-stream.ts';
import { type Principal, requirePrincipal } from './principal.ts';
import { inject } from './propagation.ts';
import { joinSecrets, type Secrets, secretsOf } from './content/redaction.ts';
import type { Body, RunOptions, Scope } from './scope.ts';
import type { StreamSeam } from './streams/stream-seam.ts';
import { guarded, reportFault } from './telemetry.ts';

/** What a scope is made of. Scopes derived from one another share the span. */
export interface ScopeParts {
  readonly name: string;
  /** The span of the operation; the root of the tree where there is no operation. */
  readonly spans: OpenSpan;
  readonly principal: Principal;
  readonly identity: Identity;
  readonly cancellation: Cancellation;
  /** Whether the cancellation ends with the operation; else it may live as long as the runtime. */
  readonly ownsCancellation: boolean;
  readonly deadline: number | undefined;
  /** The span that detached work is linked to. */
  readonly cause: SpanContext | undefined;
  /** What the operation was called with beside its scope. */
  readonly inputs: readonly unknown[];
  readonly surroundings: Surroundings;
}

const noInputs: [] = [];

/** The scope that the kernel works with; `Scope` is what authors see of it. */
export class RunningScope implements Scope {
  readonly kernel: Kernel;
  readonly parts: ScopeParts;
  /** The context in which the body runs; the root scope has none of its own. */
  readonly context: Context | undefined;
  #detached: RunningScope | undefined;
  #cancellation: Cancellation | undefined;
  /** The scope that an interceptor handed to the body in place of this one. */
  handed: RunningScope | undefined;

  /**
   * @param around what stands around the scope; absent for the root scope, which takes what is active. It is not kept: each scope would keep the one before it,
   * and a chain of timers all of them.
   */
  constructor(kernel: Kernel, parts: ScopeParts, around: Context | undefined) {
    this.kernel = kernel;
    this.parts = parts;
    const { spans } = parts;
    // Where there is no operation, a span of the host's that is active stays active.
    this.context = around && ScopeContext.of(around, this, spans.isGround || spans.outlivedOwner ? trace.getSpan(around) : spans.span);
  }

  get name(): string {
    return this.parts.name;
  }

  get principal(): Principal {
    return this.parts.principal;
  }

  get identity(): Identity {
    return this.parts.identity;
  }

  get signal(): AbortSignal {
    return this.own.signal;
  }

  /**
   * The cancellation of the operation itself: it also aborts when the owner ends without having waited. Listeners that are left on it go with the operation, and
   * do not gather on one that lives as long as the runtime.
   */
  get own(): Cancellation {
    const { cancellation, ownsCancellation, spans } = this.parts;
    if (ownsCancellation || spans.isGround) return cancellation;
    if (this.#cancellation === undefined) {
      this.#cancellation = new Cancellation(cancellation);
      if (spans.isStraggler) this.#cancellation.abort(spans.abandoned);
      spans.releaseAtEnd(this.#cancellation);
    }
    return this.#cancellation;
  }

  get deadline(): number | undefined {
    return this.parts.deadline;
  }

  get clock(): Clock {
    return this.kernel.settings.clock;
  }

  /** What every text passes that this scope sends out. */
  get gate(): ContentGate {
    return this.parts.surroundings.gate;
  }

  /** Credentials that nothing of this scope may show: of whoever executes, and of those further out for whom it is done. */
  get secrets(): Secrets | undefined {
    return joinSecrets(secretsOf(this.parts.principal), this.parts.surroundings.outerSecrets);
  }

  get spanContext(): SpanContext {
    return this.parts.spans.spanContext;
  }

  get ended(): boolean {
    return this.parts.spans.ended;
  }

  /** For interceptors: the stream around whose consumption they are. Shared by all scopes of its span. */
  get streaming(): StreamSeam | undefined {
    return this.parts.spans.streaming;
  }

  run<T>(operation: string | Operation, body: Body<T>, options?: RunOptions): Promise<T> {
    return this.kernel.execute(this, { operation, plan: undefined, body, options, inputs: noInputs, active: undefined });
  }

  stream<T>(operation: string | Operation, body: StreamBody<T>, options?: StreamOptions): OwnedStream<T> {
    return this.kernel.openStream(this, { operation, body, options });
  }

  as(principal: Principal): RunningScope;
  as<T extends object>(principal: Principal, target: T): T;
  as<T extends object>(principal: Principal, ...rest: [] | [target: T]): RunningScope | T {
    const { secrets } = this;
    const around = this.parts.surroundings;
    const surroundings = secrets === around.outerSecrets ? around : { ...around, outerSecrets: secrets };
    const scope = this.#with({ principal: requirePrincipal('principal', principal), surroundings });
    const own = secretsOf(scope.principal);
    if (own !== undefined) this.parts.spans.actsFor(own);
    return rest.length === 0 ? scope : bindTarget(scope, rest[0]);
  }

  bind<Arguments extends unknown[], T>(fn: (...args: Arguments) => T): (...args: Arguments) => T {
    requireFunction('fn', fn);
    // The resource also carries the stores of other people's AsyncLocalStorage, as they are here and now.
    const place = this.activate(() => new AsyncResource('tracewright.bind', { requireManualDestroy: true }));
    const enter = (self: unknown, args: Arguments): T => {
      if (!this.ended) return place.runInAsyncScope(fn, self, ...args);
      return place.runInAsyncScope(() => this.detach().activate(() => fn.apply(self, args)));
    };
    return function bound(this: unknown, ...args: Arguments): T {
      return enter(this, args);
    };
  }

  detach(): RunningScope {
    const { surroundings, cause } = this.parts;
    const { spans, cancellation } = surroundings.ground.spans.ended ? this.kernel : surroundings.ground;
    if (this.parts.spans === spans && cause !== undefined) return this;
    const life = { spans, cancellation, ownsCancellation: false, deadline: undefined };
    if (this.context === undefined) {
      // Outside any operation the host's context counts, and is another one each time.
      const active = context.active();
      return this.#with({ ...life, cause: trace.getSpanContext(active) ?? INVALID_SPAN_CONTEXT }, withoutSpan(active));
    }
    if (this.#detached === undefined || this.#detached.parts.spans !== spans)
      this.#detached = this.#with({ ...life, cause: this.parts.spans.isGround ? cause : this.spanContext }, withoutSpan(this.context));
    return this.#detached;
  }

  /** Where new work of this scope starts: here, or, once the operation whose span it shares has ended, in traces of its own that are linked to that. */
  get start(): RunningScope {
    if (!this.parts.spans.outlivedOwner) return this;
    this.#detached ??= this.#with({ cause: this.spanContext }, withoutSpan(this.context ?? context.active()));
    return this.#detached;
  }

  /** This scope under another cancellation, which who made it releases. Hot: written out, as a spread takes microseconds on Node 20. */
  under(cancellation: Cancellation, deadline: number | undefined): RunningScope {
    const { name, spans, principal, identity, cause, inputs, surroundings } = this.parts;
    const parts = { name, spans, principal, identity, cancellation, ownsCancellation: true, deadline, cause, inputs, surroundings };
    return new RunningScope(this.kernel, parts, this.context ?? context.active());
  }

  derive({ signal, deadline }: { readonly signal?: AbortSignal; readonly deadline?: number }): RunningScope {
    const { parts } = this;
    const cancellation = signal === undefined ? parts.cancellation : new Cancellation(parts.cancellation, requireSignal('signal', signal));
    if (cancellation !== parts.cancellation) parts.spans.releaseAtEnd(cancellation);
    const nearer = deadline === undefined ? Number.POSITIVE_INFINITY : requirePositive('deadline', deadline);
    return this.#with({
      cancellation,
      ownsCancellation: signal !== undefined || parts.ownsCancellation,
      deadline: deadline === undefined ? parts.deadline : Math.min(nearer, parts.deadline ?? nearer),
    });
  }

  activate<T>(fn: () => T): T {
    return this.context === undefined ? fn() : context.with(this.context, fn);
  }

  set(attributes: AttributeInput): void {
    const { spans } = this.parts;
    if (!spans.isWritable) reportFault(`attributes of ${this.name} were left out: its span has ended`);
    else guarded('setting attributes', () => spans.span.setAttributes(this.gate.attributes(attributes, 'attribute', this.secrets)));
  }

  event(name: string, attributes: AttributeInput = {}): void {
    const { spans } = this.parts;
    if (!spans.isWritable) reportFault(`event ${name} of ${this.name} was left out: its span has ended`);
    else {
      const { spanTime } = this.kernel.settings;
      guarded('adding an event', () => spans.span.addEvent(name, this.gate.attributes(attributes, 'event', this.secrets), spanTime()));
    }
  }

  fire<Payload extends object, Writable extends keyof Payload>(type: HookType<Payload, Writable>, build: () => Payload): Fired<Payload> {
    return Ears.areShut(type.ears) ? undefined : this.parts.surroundings.hooks.fire(type, this, build);
  }

  inject(carrier: Record<string, string> = {}): Record<string, string> {
    return inject(this.context ?? context.active(), carrier);
  }

  #with(change: Partial<ScopeParts>, around = this.context ?? context.active()): RunningScope {
    return new RunningScope(this.kernel, { ...this.parts, ...change }, around);
  }
}

/** The scope of ours that `scope` is: interceptors are handed it by authors, who may hand anything. */
export function requireScope(scope: unknown): RunningScope {
  if (!(scope instanceof RunningScope)) throw badOption('scope', 'a scope of a running operation', scope);
  return scope;
}
