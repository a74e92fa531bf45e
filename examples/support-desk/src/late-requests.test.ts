import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { nextTurn, shutting } from './shut-test-desk.ts';
import { openTestDesk } from './test-desk.ts';

const ticket = '{"subject": "Where is my parcel?"}';

test('a request whose body never comes is cancelled by the shutdown, and answered', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const desk = await openTestDesk(runtime, { clock });
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"sub')),
    cancel: () => {
      isCancelled = true;
    },
  });
  const headers = { 'content-type': 'application/json', 'x-user': 'zoe' };
  const answer = desk.app.fetch(new Request('http://desk/tickets', { method: 'POST', headers, body, duplex: 'half' }));
  const { lines, ended } = shutting(desk, runtime);
  await nextTurn();
  expect(lines.at(-1)).toBe('Waiting:  desk/reception.\n');
  await clock.advance(5000);
  await ended;
  expect(lines[2]).toBe('Desk:     terminated; meanwhile 0 tickets answered, 0 failed, none left behind. Out of time: desk/reception.');
  expect([(await answer).status, isCancelled]).toEqual([503, true]);
  expect(traces.find('read body').attributes).toMatchObject({ 'tracewright.cancelled_by': 'shutdown' });
});

test('a request whose body comes after the stop opens no ticket that nobody would answer', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const desk = await openTestDesk(runtime);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const headers = { 'content-type': 'application/json', 'x-user': 'zoe' };
  const answer = desk.app.fetch(new Request('http://desk/tickets', { method: 'POST', headers, body: readable, duplex: 'half' }));
  const { ended } = shutting(desk, runtime);
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(ticket));
  await writer.close();
  expect([(await answer).status, desk.tickets.find('T-1')?.status]).toEqual([503, 'failed']);
  await expect(ended).resolves.toMatchObject({ status: 'stopped', stuck: [] });
});
