import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(this: RequestQueue): void;
}

/** The one release whose code is known. */
const mendedVersion = '2.2.4';

const mended = new WeakSet<RequestQueue>();

/**
 * Keeps kafkajs from looking, about a thousand times a second and for each connection, after requests that wait, where none waits: from the first answer on it
 * sets timer after timer, with a negative time, of which Node 24 warns (tulios/kafkajs#1704, #1751). No release has that mended; this can go when one has.
 *
 * @param load loads a module of kafkajs by its name
 */
export function mendRequestQueue(load: (name: string) => unknown = createRequire(import.meta.url)): void {
  const queue = findRequestQueue(load);
  if (queue === undefined || mended.has(queue)) return;
  mended.add(queue);
  const schedule = queue.scheduleCheckPendingRequests;
  queue.scheduleCheckPendingRequests = function scheduleWherePending(this: RequestQueue): void {
    // Whatever has to wait later calls this again. A queue that keeps its requests elsewhere is none that we know.
    if (!Array.isArray(this.pending) || this.pending.length > 0) schedule.call(this);
  };
}

function findRequestQueue(load: (name: string) => unknown): RequestQueue | undefined {
  try {
    const packed = load('kafkajs/package.json');
    if (typeof packed !== 'object' || packed === null || !('version' in packed) || packed.version !== mendedVersion) return undefined;
    const found = load('kafkajs/src/network/requestQueue/index.js');
    const prototype: unknown = typeof found === 'function' ? found.prototype : undefined;
    const isQueue = typeof prototype === 'object' && prototype !== null && 'scheduleCheckPendingRequests' in prototype;
    const isKnown = isQueue && typeof prototype.scheduleCheckPendingRequests === 'function';
    return isKnown ? (prototype as RequestQueue) : undefined; // It has what is mended; each queue gets its `pending` when it is made.
  } catch {
    // A bundle: it works without, at the price above.
    return undefined;
  }
}
