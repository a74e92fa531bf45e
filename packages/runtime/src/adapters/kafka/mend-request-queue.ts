import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(this: RequestQueue): void;
}

const mended = new WeakSet<RequestQueue>();

/**
 * Keeps kafkajs from looking, about a thousand times a second and for each connection, after requests that wait, where none waits: from the first answer on it
 * sets timer after timer, with a negative time, of which Node 24 warns (tulios/kafkajs#1704, #1751). No release has that mended; this can go when one has.
 */
export function mendRequestQueue(): void {
  const queue = findRequestQueue();
  if (queue === undefined || mended.has(queue)) return;
  mended.add(queue);
  const schedule = queue.scheduleCheckPendingRequests;
  queue.scheduleCheckPendingRequests = function scheduleWherePending(this: RequestQueue): void {
    // Whatever has to wait later calls this again.
    if (this.pending.length > 0) schedule.call(this);
  };
}

function findRequestQueue(): RequestQueue | undefined {
  try {
    const found: unknown = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js');
    const prototype: unknown = typeof found === 'function' ? found.prototype : undefined;
    const isQueue = typeof prototype === 'object' && prototype !== null && 'scheduleCheckPendingRequests' in prototype;
    return isQueue ? (prototype as RequestQueue) : undefined; // It has what is mended; each queue gets its `pending` when it is made.
  } catch {
    // Another release, or a bundle: it works without, at the price above.
    return undefined;
  }
}
