import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { MemoryBook } from './books.ts';
import { type Courier, scriptedCourier } from './courier.ts';
import { closeDesk, heldModel, openTestDesk, post } from './test-desk.ts';

const ticket = '{"subject": "Where is my parcel?"}';
const hourMs = 3_600_000;

test('an idle worker has no span and no trace', async () => {
  using traces = recordTraces();
  const desk = openTestDesk(traces.runtime());
  expect([desk.worker.lifecycle.path, desk.worker.takers.map(({ path }) => path)]).toEqual([
    'worker',
    ['worker/taker-1', 'worker/taker-2'],
  ]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(traces.spans).toEqual([]);
  await closeDesk(desk);
});

test('every span of a ticket says which taker it belongs to', async () => {
  using traces = recordTraces();
  const { model, release } = heldModel();
  const desk = openTestDesk(traces.runtime(), { model });
  await post(desk, ticket);
  await post(desk, ticket);
  release();
  await closeDesk(desk);
  const paths = traces.spans
    .filter(({ name }) => ['handle ticket', 'action', 'chat scripted', 'store answer'].includes(name))
    .map(({ attributes }) => `${String(attributes['ticket.id'])} ${String(attributes['component.path'])}`);
  expect(new Set(paths)).toEqual(new Set(['T-1 worker/taker-1', 'T-2 worker/taker-2']));
  expect(traces.find('worker.cleanup').attributes).toMatchObject({ 'component.path': 'worker', 'execution.context': 'service' });
});

test('a ticket in work when the worker is stopped is answered, and those in the queue after it', async () => {
  using traces = recordTraces();
  const { model, release } = heldModel();
  const summaries = new MemoryBook();
  const desk = openTestDesk(traces.runtime(), { model, summaries });
  for (let count = 0; count < 4; count += 1) await post(desk, ticket);
  const closing = closeDesk(desk);
  expect([desk.worker.tally.busy, desk.queued]).toEqual([2, 2]);
  release();
  await expect(closing).resolves.toMatchObject({ status: 'stopped', stuck: [] });
  expect([desk.worker.tally, desk.queued, summaries.lines]).toEqual([
    { busy: 0, answered: 4, failed: 0 },
    0,
    ['4 answered, 0 failed, 0 left'],
  ]);
});

test('a worker that is terminated gives its tickets up, and does not begin those in the queue', async () => {
  using traces = recordTraces();
  const desk = openTestDesk(traces.runtime(), { model: heldModel().model });
  for (let count = 0; count < 3; count += 1) await post(desk, ticket);
  desk.worker.lifecycle.terminate();
  await expect(desk.worker.lifecycle.done).resolves.toMatchObject({ status: 'terminated', stuck: [] });
  expect([desk.worker.tally, desk.worker.left]).toEqual([{ busy: 0, answered: 0, failed: 2 }, ['T-3']]);
  expect(await (await desk.app.request('/tickets/T-3')).json()).toEqual({ error: 'the desk is closing' });
});

test('a feed that fails is started again and goes on; the tickets do not notice', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const desk = openTestDesk(traces.runtime(), { courier: scriptedCourier({ holdsForMs: hourMs }) });
  await clock.advance(30);
  await post(desk, ticket);
  await clock.advance(20);
  expect(desk.worker.news).toEqual({ arrival: 'tomorrow', heard: 2 });
  await clock.advance(hourMs);
  expect([desk.worker.news.heard, desk.worker.tally.answered]).toEqual([3, 1]);
  const outcome = await closeDesk(desk);
  expect(outcome).toMatchObject({
    status: 'stopped',
    failures: [{ path: 'worker/courier-feed', error: expect.objectContaining({ name: 'CourierUnreachable' }) }],
  });
  const asked = traces.spans.filter(({ name }) => name === 'ask courier');
  expect(asked.map(({ status, parentSpanId, attributes }) => [status.code, parentSpanId, attributes['component.path']])).toEqual([
    ['UNSET', undefined, 'worker/courier-feed'],
    ['ERROR', undefined, 'worker/courier-feed'],
    ['UNSET', undefined, 'worker/courier-feed'],
    ['UNSET', undefined, 'worker/courier-feed'],
  ]);
  expect([traces.open, clock.pending]).toEqual([[], 0]);
});

test('a feed that fails too often is given up, and the worker goes on without it', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const courier: Courier = { ask: () => Promise.reject(new Error('gone')) };
  const desk = openTestDesk(traces.runtime(), { courier });
  await clock.advance(1000);
  expect(traces.spans.map(({ name }) => name)).toEqual(Array.from({ length: 4 }, () => 'ask courier'));
  expect((await post(desk, ticket)).status).toBe(201);
  const outcome = await closeDesk(desk);
  expect([outcome.status, outcome.failures.length, desk.worker.tally.answered]).toEqual(['stopped', 4, 1]);
});
