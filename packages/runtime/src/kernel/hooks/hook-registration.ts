import type { Block } from './hook-block.ts';
import { rememberListener } from './hook-listener.ts';
import type { HookMode } from './hook-mode.ts';
import type { HookType, NamedHook } from './hook-type.ts';
import type { Scope } from '../scope.ts';

/** What a hook knows of a payload when it names its event only by text. */
export type UntypedPayload = Readonly<Record<string, unknown>>;

/** What a hook may change: the writable fields. An explicit `undefined` clears one, where its type has room for that. */
export type HookChanges<Payload extends object, Writable extends keyof Payload> = {
  readonly [Field in keyof Payload]?: Field extends Writable ? Payload[Field] : never;
};

/** Nothing: go on. Fields: change these. A block: stop. */
export type HookResult<Changes extends object = Record<string, unknown>> = Changes | Block | undefined | void;

/** What a hook is told beside the payload. */
export interface HookContext {
  /** Name of the event. */
  readonly hook: string;
  /** The operation that fired; for a hook in the background, detached from it. It is the current scope while the hook runs. */
  readonly scope: Scope;
  /** Aborts when nobody waits for the hook any longer: timed out, blocked by a sibling, operation cancelled. Made when first asked for. */
  readonly signal: AbortSignal;
  /** For hooks in the background: the block that stopped the operation. */
  readonly blocked: Block | undefined;
  /** For hooks in the background: why the operation does not go on, be it a block, a hook that failed closed, or its cancellation. */
  readonly error: unknown;
}

/** A hook, as plain data. */
export interface HookRegistration<Payload extends object = UntypedPayload, Changes extends object = Partial<Payload>> {
  /** The event, by name or by type. */
  readonly hook: string | NamedHook;
  /**
   * Called at each event, with `scope` as the current scope and without `this`.
   *
   * `payload` is frozen, but not what it holds: nested values are live objects of the driver. A method and not a function, so that the compiler lets hooks of
   * different payloads stand in one list.
   */
  run(payload: Readonly<Payload>, context: HookContext): HookResult<Changes> | Promise<HookResult<Changes>>;
  /** Default `sequential`. */
  readonly mode?: HookMode | undefined;
  /** Lower comes first, within a mode. Default 50. */
  readonly priority?: number | undefined;
  /** For one call that does not answer at once. Default 5000. */
  readonly timeoutMs?: number | undefined;
  /** Whether the operation goes on (`open`) or fails (`closed`) when the hook fails. Hooks that only look cannot be closed. Default `open`. */
  readonly onFailure?: 'open' | 'closed' | undefined;
}

/** A registration whose payload and changes are those of its type of hook. */
export type TypedHookRegistration<Payload extends object, Writable extends keyof Payload> = HookRegistration<
  Payload,
  HookChanges<NoInfer<Payload>, NoInfer<Writable>>
> & { readonly hook: string | NamedHook | HookType<Payload, Writable> };

/**
 * A hook that is checked and frozen once, for any number of sets. Where `hook` is a type, the compiler knows payload and changes of `run`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received
 * @example hook({ hook: beforeCall, run: ({ model }) => (model === 'old' ? block('no longer served') : undefined), onFailure: 'closed' });
 */
export function hook<Payload extends object = UntypedPayload, Writable extends keyof Payload = keyof Payload>(
  registration: TypedHookRegistration<Payload, Writable>,
): HookRegistration {
  return rememberListener(registration);
}
