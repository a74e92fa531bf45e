import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { MemoryBook } from './books.ts';
import { type Courier, scriptedCourier } from './courier.ts';
import { closeDesk, heldModel, openTestDesk, post } from './test-desk.ts';

const ticket = '{"subject": "Where is my parcel?"}';
const hourMs = 3_600_000;

test('an idle desk has no span and no trace beyond its start', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  await new Promise((resolve) => setImmediate(resolve));
  expect([desk.deployment.lifecycle.path, desk.deployment.lifecycle.waitingFor()]).toEqual(['desk', ['desk/reception', 'desk/worker']]);
  const started = new Set(['footprint.apply', 'reception.bootstrap', 'worker.bootstrap']);
  expect([new Set(traces.spans.map(({ name }) => name)), traces.open]).toEqual([started, []]);
  await closeDesk(desk);
});

test('every span of a ticket says which part of the worker it belongs to', async () => {
  using traces = recordTraces();
  const { model, release } = heldModel();
  const desk = await openTestDesk(traces.runtime(), { model });
  await post(desk, ticket);
  await post(desk, ticket);
  release();
  await closeDesk(desk);
  const paths = traces.spans
    .filter(({ name }) => ['process tickets', 'handle ticket', 'action', 'chat scripted', 'store answer'].includes(name))
    .map(({ attributes }) => `${String(attributes['ticket.id'])} ${String(attributes['component.path'])}`);
  // The message itself is nobody's ticket yet.
  const expected = ['undefined desk/worker/tickets', 'T-1 desk/worker/tickets', 'T-2 desk/worker/tickets'];
  expect(new Set(paths)).toEqual(new Set(expected));
  expect(traces.find('worker.cleanup').attributes).toMatchObject({ 'component.path': 'desk/worker', 'execution.context': 'service' });
});

test('a ticket in work when the desk is stopped is answered, and who waits for one in the queue is told', async () => {
  using traces = recordTraces();
  const { model, release } = heldModel();
  const summaries = new MemoryBook();
  const desk = await openTestDesk(traces.runtime(), { model, summaries });
  for (let count = 0; count < 4; count += 1) await post(desk, ticket);
  const closing = closeDesk(desk);
  expect([desk.worker.tally.inFlight, desk.tickets.queued.length]).toEqual([2, 2]);
  release();
  await expect(closing).resolves.toMatchObject({ status: 'stopped', stuck: [] });
  expect(desk.worker.tally).toMatchObject({ inFlight: 0, handled: 2, failed: 0 });
  expect([desk.worker.left, summaries.lines]).toEqual([['T-3', 'T-4'], ['2 answered, 0 failed, 2 left']]);
  expect(desk.tickets.find('T-4')?.status).toBe('failed');
});

test('a worker that is terminated gives its tickets up, and does not begin those in the queue', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime(), { model: heldModel().model });
  for (let count = 0; count < 3; count += 1) await post(desk, ticket);
  desk.deployment.lifecycle.terminate();
  await expect(desk.deployment.lifecycle.done).resolves.toMatchObject({ status: 'terminated', stuck: [] });
  expect(desk.worker.tally).toMatchObject({ inFlight: 0, handled: 0, failed: 2 });
  expect(desk.worker.left).toEqual(['T-3']);
  expect(await (await desk.app.request('/tickets/T-3')).json()).toEqual({ error: 'the desk is closing' });
});

test('a feed that fails is started again and goes on; the tickets do not notice', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const desk = await openTestDesk(traces.runtime(), { clock, courier: scriptedCourier({ holdsForMs: hourMs }) });
  await clock.advance(30);
  await post(desk, ticket);
  await clock.advance(20);
  expect(desk.worker.news).toEqual({ arrival: 'tomorrow', heard: 2, feeds: 2 });
  await clock.advance(hourMs);
  expect([desk.worker.news.heard, desk.worker.tally.handled]).toEqual([3, 1]);
  const outcome = await closeDesk(desk);
  expect(outcome).toMatchObject({
    status: 'stopped',
    failures: [{ path: 'desk/worker/courier-feed', error: expect.objectContaining({ name: 'CourierUnreachable' }) }],
  });
  const asked = traces.spans.filter(({ name }) => name === 'ask courier');
  expect(asked.map(({ status, parentSpanId, attributes }) => [status.code, parentSpanId, attributes['component.path']])).toEqual([
    ['UNSET', undefined, 'desk/worker/courier-feed'],
    ['ERROR', undefined, 'desk/worker/courier-feed'],
    ['UNSET', undefined, 'desk/worker/courier-feed'],
    ['UNSET', undefined, 'desk/worker/courier-feed'],
  ]);
  expect([traces.open, clock.pending]).toEqual([[], 0]);
});

test('a feed that fails too often is given up, and the worker goes on without it', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const courier: Courier = { ask: () => Promise.reject(new Error('gone')) };
  const desk = await openTestDesk(traces.runtime(), { clock, courier });
  await clock.advance(1000);
  const asked = traces.spans.filter(({ name }) => name === 'ask courier');
  expect([asked.length, desk.worker.news.feeds]).toEqual([4, 4]);
  expect((await post(desk, ticket)).status).toBe(201);
  const outcome = await closeDesk(desk);
  expect([outcome.status, outcome.failures.length, desk.worker.tally.handled]).toEqual(['stopped', 4, 1]);
});
