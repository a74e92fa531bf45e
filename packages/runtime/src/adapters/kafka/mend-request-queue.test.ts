import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { mendRequestQueue } from './mend-request-queue.ts';

interface Queue {
  readonly pending: unknown[];
  readonly throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(this: object): void;
  destroy(): void;
}

/** A queue that may send one request at a time, as the client makes it. */
function newQueue(): Queue {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as new (options: object) => Queue; // As kafkajs 2.2.4 has it.
  const logger = { debug: (): void => undefined };
  return new RequestQueue({
    maxInFlightRequests: 0,
    requestTimeout: 100,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'a:1',
    logger,
  });
}

test('a queue where no request waits sets no timer, and one where some wait does, however often it is mended', () => {
  mendRequestQueue();
  mendRequestQueue();
  const idle = newQueue();
  idle.checkPendingRequests();
  expect(idle.throttleCheckTimeoutId).toBeNull();
  const busy = newQueue();
  busy.pending.push({});
  busy.checkPendingRequests();
  expect(busy.throttleCheckTimeoutId).not.toBeNull();
  busy.destroy();
});

test('a queue that keeps its requests elsewhere is left to do what it did', () => {
  mendRequestQueue();
  const { scheduleCheckPendingRequests } = newQueue();
  // With a timer that is set already, it does not look at `pending`.
  expect(() => scheduleCheckPendingRequests.call({ throttledUntil: 0, throttleCheckTimeoutId: 1 })).not.toThrow();
});

test.each([
  ['another release', { version: '2.2.5' }],
  ['what has no version', {}],
])('%s is left as it is', (_which, packed) => {
  const schedule = (): void => undefined;
  class RequestQueue {
    readonly pending = [];
  }
  Object.assign(RequestQueue.prototype, { scheduleCheckPendingRequests: schedule });
  mendRequestQueue((name) => (name.endsWith('package.json') ? packed : RequestQueue));
  expect(Reflect.get(RequestQueue.prototype, 'scheduleCheckPendingRequests')).toBe(schedule);
});

test('a client that cannot be found is none to mend', () => {
  const missing = (name: string): never => {
    throw new Error(`there is no ${name}`);
  };
  expect(() => mendRequestQueue(missing)).not.toThrow();
});
