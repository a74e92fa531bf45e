// Node's own function and not the global one: a test that replaces global timers still gets its turns.
import { setImmediate } from 'node:timers';

/** Lets all run that needs no more than promise reactions and two turns of the event loop; streams give their consumers one turn of grace. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
