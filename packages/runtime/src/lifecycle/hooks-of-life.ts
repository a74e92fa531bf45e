import { isThenable } from '../kernel/check.ts';
import { guarded, reportFault } from '../kernel/telemetry.ts';

/**
 * Calls hooks one after the other; what they throw is reported and changes nothing. Gives a promise only where a hook does: without one, a body starts in the
 * turn in which its lifecycle does.
 */
export function callHooks(what: string, calls: readonly (() => unknown)[]): Promise<void> | undefined {
  for (const [index, call] of calls.entries()) {
    const given = guarded(what, call);
    if (isThenable(given)) return waitFor(what, given).then(() => callHooks(what, calls.slice(index + 1)));
  }
  return undefined;
}

async function waitFor(what: string, given: PromiseLike<unknown>): Promise<void> {
  try {
    await given;
  } catch (error) {
    reportFault(`${what} failed`, error);
  }
}
