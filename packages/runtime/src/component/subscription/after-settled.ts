import type { Scope } from '../../kernel/scope.ts';
import { guarded } from '../../kernel/telemetry.ts';

const waiting = new WeakMap<Scope, (() => void)[]>();

/** Has `then` called when the message that is handled in `scope` has been acknowledged and its span has ended; never where it comes again or is given up. */
export function afterSettled(scope: Scope, then: () => void): void {
  const calls = waiting.get(scope);
  if (calls === undefined) waiting.set(scope, [then]);
  else calls.push(then);
}

/** The message that was handled in `scope` is done with. */
export function callSettled(scope: Scope): void {
  for (const call of waiting.get(scope) ?? []) guarded('what follows a message', call);
}
