import { requireKnownKeys, requireText } from '../check.ts';
import { badOption } from '../errors.ts';
import { type Ears, earsFor } from './hook-ears.ts';

/** Holds the type of a payload for the compiler; no value has it. */
declare const payloadType: unique symbol;

/** A type of hook, whatever its payload. */
export interface NamedHook {
  readonly name: string;
  /** Its place in tables, counted from 0 over all types of the process. */
  readonly index: number;
  /** Whether a hook was ever registered by this name. */
  readonly ears: Ears;
}

/** An event of a driver that hooks may observe, change or block. Made once, by `hookType`. */
export interface HookType<Payload extends object, Writable extends keyof Payload = never> extends NamedHook {
  /** The fields of the payload that hooks may change. */
  readonly writable: readonly Writable[];
  readonly [payloadType]?: Payload;
}

let made = 0;

/**
 * Makes a type of hook whose payload and writable fields the compiler knows. Called twice, as one call cannot have its payload given and the rest inferred.
 *
 * Users register by the name or by the type itself: two types of one name are heard by the same hooks.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an empty name, or fields that are no names
 * @example const beforeCall = hookType<CallPayload>()('generation_pre_call', { writable: ['modelOptions'] });
 */
export function hookType<Payload extends object>() {
  return <const Writable extends keyof Payload = never>(
    name: string,
    options: { readonly writable?: readonly Writable[] | undefined } = {},
  ): HookType<Payload, Writable> => {
    requireText('hook type name', name);
    requireKnownKeys('hook type options', options, ['writable']);
    const { writable = [] } = options;
    if (!Array.isArray(writable) || !writable.every((field) => typeof field === 'string' && field !== ''))
      throw badOption('writable', 'an array of names of fields', writable);
    const index = made;
    made += 1;
    return Object.freeze({ name, index, ears: earsFor(name), writable: Object.freeze([...writable]) });
  };
}
