// Node's own function and not the global one: a test that replaces global timers still gets its turns.
import { setImmediate } from 'node:timers';

/** More rounds than any chain of awaits between two timers has had so far; one costs well under a microsecond. */
const microtaskRounds = 100;

/** Lets promise reactions run without giving a turn of the event loop away. */
export async function settleMicrotasks(): Promise<void> {
  for (let round = 0; round < microtaskRounds; round += 1) await Promise.resolve();
}

/** Lets all run that needs no more than promise reactions and two turns of the event loop; streams give their consumers one turn of grace. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
