/** What is told to stop has one turn of the event loop to clean up. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for `work`, but no longer than one turn of the event loop. */
export async function inOneTurn(work: Promise<unknown>): Promise<void> {
  await Promise.race([work, nextTurn()]);
}
