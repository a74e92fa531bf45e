import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive, requireText } from '../check.ts';
import { badOption } from '../errors.ts';
import { earsFor } from './hook-ears.ts';
import { type HookMode, hookModes, type HookPowers } from './hook-mode.ts';
import type { HookContext, HookRegistration } from './hook-registration.ts';

/** A registration, checked, with nothing left to decide. */
export interface Listener {
  /** What the user gave: hooks are told apart by it. */
  readonly registration: HookRegistration;
  readonly hook: string;
  /** A method and not a function, for the compiler: it takes the payload of the type that it is registered for, and is given no other. */
  run(payload: object, context: HookContext): unknown;
  readonly mode: HookMode;
  readonly powers: HookPowers;
  readonly priority: number;
  readonly timeoutMs: number;
  readonly failsClosed: boolean;
}

const options = ['hook', 'run', 'mode', 'priority', 'timeoutMs', 'onFailure'];

const known = new WeakMap<object, Listener>();

/** Checks a registration and gives a frozen copy of it that is not checked again. */
export function rememberListener(given: object): HookRegistration {
  const listener = requireListener('hook', given);
  const frozen = Object.freeze({ ...listener.registration });
  known.set(frozen, { ...listener, registration: frozen });
  return frozen;
}

/**
 * The listener of a registration made by `hook`, or of a literal, which is checked at each use.
 *
 * @param option what to call the registration in an error
 */
export function listenerOf(option: string, given: unknown): Listener {
  return (typeof given === 'object' && given !== null ? known.get(given) : undefined) ?? requireListener(option, given);
}

function requireListener(option: string, given: unknown): Listener {
  requireKnownKeys(option, requirePlainObject(option, given), options);
  const registration = given as HookRegistration; // Its members are checked one by one below.
  const { hook, run, mode = 'sequential', priority = 50, timeoutMs = 5000, onFailure = 'open' } = registration;
  requireFunction(`${option}.run`, run);
  if (!Object.hasOwn(hookModes, mode)) throw badOption(`${option}.mode`, Object.keys(hookModes).join(', '), mode);
  if (!Number.isFinite(priority)) throw badOption(`${option}.priority`, 'a finite number', priority);
  requirePositive(`${option}.timeoutMs`, timeoutMs);
  if (onFailure !== 'open' && onFailure !== 'closed') throw badOption(`${option}.onFailure`, 'open or closed', onFailure);
  const powers = hookModes[mode];
  if (onFailure === 'closed' && !powers.failsClosed) throw badOption(`${option}.onFailure`, `open for a hook of mode ${mode}`, onFailure);
  const name = requireText(`${option}.hook`, typeof hook === 'object' && hook !== null ? hook.name : hook);
  earsFor(name).listen();
  return { registration, hook: name, run, mode, powers, priority, timeoutMs, failsClosed: onFailure === 'closed' };
}
