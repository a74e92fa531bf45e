import type { SpanContext } from '@opentelemetry/api';
import type { AttributeInput } from './attributes.ts';
import type { Clock } from './clock.ts';
import type { ContentLevel } from './content/content-policy.ts';
import type { HookRegistration } from './hooks/hook-registration.ts';
import type { Fired } from './hooks/hook-set.ts';
import type { HookType } from './hooks/hook-type.ts';
import type { Identity, IdentityChange } from './identity.ts';
import type { Operation } from './operation.ts';
import type { OwnedStream, StreamBody, StreamOptions } from './streams/owned-stream.ts';
import type { Principal } from './principal.ts';
import type { Carrier } from './propagation.ts';

/** What one call may change against the scope that it is made in. */
export interface RunOptions {
  /** Who executes; inherited when absent. */
  readonly as?: Principal | undefined;
  /** Of this call, beside those of the operation: there from the start of the span, so that samplers see them. A wrong value is left out and reported. */
  readonly attributes?: AttributeInput | undefined;
  /** Cancels this operation beside whatever cancels the scope around it. */
  readonly signal?: AbortSignal | undefined;
  /** Inherited when absent. */
  readonly identity?: IdentityChange | undefined;
  /** Headers of the sender whose trace this operation joins, as a child of the sender's span. */
  readonly join?: Carrier | undefined;
  /** How much content this work may show at most. The policy of the runtime, or of the work around, is never exceeded. Inherited when absent. */
  readonly content?: ContentLevel | undefined;
  /** Hooks that hear the events of this work, and of what is started in it, beside those around it. */
  readonly hooks?: readonly HookRegistration[] | undefined;
  /** Headers of senders whose spans this operation, a new root then, is linked to. */
  readonly link?: Carrier | readonly Carrier[] | undefined;
}

/** The body of an operation. Its scope is valid until it settles. */
export type Body<T> = (scope: Scope) => T | Promise<T>;

/** A defined operation: call it, or call it in a given scope. */
export interface Defined<Arguments extends unknown[], T> {
  (...args: Arguments): Promise<T>;
  /** The same in `scope`, for where no context manager carries the scope along. */
  in(scope: Scope, ...args: Arguments): Promise<T>;
}

/**
 * A running operation, handed to its body. It is never changed, only derived; two scopes may share one span.
 */
export interface Scope {
  /** Name of the operation. */
  readonly name: string;
  readonly principal: Principal;
  readonly identity: Identity;
  /** Aborts when the work is no longer wanted. Made when first asked for. */
  readonly signal: AbortSignal;
  /** When the work must be done, in milliseconds since the Unix epoch by `clock`. */
  readonly deadline: number | undefined;
  readonly clock: Clock;
  /** Identifies the span of the operation; an invalid one where nothing is active. */
  readonly spanContext: SpanContext;
  /** Whether the operation has ended: nothing can be started in it then. */
  readonly ended: boolean;

  /**
   * Runs `body` as one operation below this one: one span, begun and ended here whatever happens.
   *
   * @returns what `body` returned
   * @throws whatever `body` throws, unchanged
   * @throws {TracewrightError} `TW_SCOPE_ENDED` after the end of this scope; `TW_CANCELLED` without a span when it is cancelled already;
   *   `TW_BAD_OPTION` for a wrong operation, body or option
   * @example await scope.run('load ticket', (child) => store.get(id, { signal: child.signal }))
   */
  run<T>(operation: string | Operation, body: Body<T>, options?: RunOptions): Promise<T>;

  /**
   * A stream that is one operation: its body runs in this scope for every pull, whoever pulls, and its span covers the consumption.
   *
   * @throws {TracewrightError} as `run`, at once
   * @example for await (const token of scope.stream('generate', () => model.tokens(prompt))) print(token);
   */
  stream<T>(operation: string | Operation, body: StreamBody<T>, options?: StreamOptions): OwnedStream<T>;

  /** This scope with another principal for what is started in it. The span stays the same. */
  as(principal: Principal): Scope;
  /**
   * `target` with every function in it, and every function, iterator and plain object that these return, running in this scope as `principal`; `this` is kept.
   */
  as<T extends object>(principal: Principal, target: T): T;

  /** `fn` for an emitter, a pool or a callback: it runs in this scope, and once that has ended, detached from it. */
  bind<Arguments extends unknown[], T>(fn: (...args: Arguments) => T): (...args: Arguments) => T;

  /**
   * A scope for work that outlives this one: no active span, not cancelled with it, the same principal and identity. What is started in it is a new root,
   * linked to this scope's span.
   */
  detach(): Scope;

  /** This scope with another signal or deadline, for interceptors. The nearer deadline wins. */
  derive(change: { readonly signal?: AbortSignal; readonly deadline?: number }): Scope;

  /** Calls `fn` with this scope as the current one. */
  activate<T>(fn: () => T): T;

  /** Sets attributes on the span; a wrong value is left out and reported, never thrown. */
  set(attributes: AttributeInput): void;
  /** Adds an event to the span. */
  event(name: string, attributes?: AttributeInput): void;
  /**
   * Tells the hooks that listen to `type` of an event, and gives the payload with their changes; `undefined` where nobody listens: `build` is not called then.
   *
   * @returns a promise only where a hook did not answer at once
   * @throws {TracewrightError} `TW_BLOCKED` when a hook blocked, `TW_HOOK_FAILED` when one failed that must not; thrown, or as a rejection
   * @example const decided = (await scope.fire(beforeCall, () => ({ model, options }))) ?? { model, options };
   */
  fire<Payload extends object, Writable extends keyof Payload>(type: HookType<Payload, Writable>, build: () => Payload): Fired<Payload>;

  /** Writes the trace headers of this scope into `carrier` and returns it. */
  inject(carrier?: Record<string, string>): Record<string, string>;
}
