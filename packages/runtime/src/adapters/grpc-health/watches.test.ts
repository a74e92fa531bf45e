import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { ServingStatus } from './service-statuses.ts';
import { Watches } from './watches.ts';

/** A watch whose client reads no more than one answer at a time. */
function slowWatch() {
  const read: unknown[] = [];
  let onRead: () => void = () => undefined;
  const call = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(answer, _, done) {
      read.push(answer);
      onRead = done;
    },
  });
  // All of a call that a watch looks at.
  return {
    call: Object.assign(call, { request: { service: '' } }) as unknown as Parameters<Watches['add']>[0],
    read,
    readOn: () => onRead(),
  };
}

test('who reads slowly is told what is now, not all that was', async () => {
  let status: ServingStatus = 'SERVING';
  const watches = new Watches({ statusOf: () => status, maxStallMs: 10_000 });
  const { call, read, readOn } = slowWatch();
  watches.add(call);
  for (const next of ['NOT_SERVING', 'SERVING', 'NOT_SERVING'] as const) {
    status = next;
    watches.refresh();
  }
  expect(read).toEqual([{ status: 'SERVING' }]);
  const drained = new Promise((resolve) => call.once('drain', resolve));
  readOn();
  await drained;
  expect(read).toEqual([{ status: 'SERVING' }, { status: 'NOT_SERVING' }]);
  call.destroy();
});

test('who has left is not told', async () => {
  let status: ServingStatus = 'SERVING';
  let asked = 0;
  const statusOf = (): ServingStatus => {
    asked += 1;
    return status;
  };
  const watches = new Watches({ statusOf, maxStallMs: 10_000 });
  const { call, read } = slowWatch();
  watches.add(call);
  const closed = new Promise((resolve) => call.once('close', resolve));
  call.destroy();
  await closed;
  status = 'NOT_SERVING';
  watches.refresh();
  expect(read).toEqual([{ status: 'SERVING' }]);
  expect(asked).toBe(1);
});
