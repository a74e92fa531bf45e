import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { readOnlyArchive } from './books.ts';
import { scriptedCourier } from './courier.ts';
import { exitOf } from './exit-code.ts';
import { nextTurn, shutting } from './shut-test-desk.ts';
import { heldModel, openTestDesk, post } from './test-desk.ts';

const ticket = '{"subject": "Where is my parcel?"}';
test('a desk that is stopped answers what it has in work, tells for whom it waits, and refuses all else', async () => {
  using traces = recordTraces();
  const { model, release } = heldModel();
  const runtime = traces.runtime();
  const desk = await openTestDesk(runtime, { model });
  for (let count = 0; count < 3; count += 1) await post(desk, ticket);
  const { lines, ended } = shutting(desk, runtime);
  await nextTurn();
  expect(lines).toEqual(['Stopping: no new requests. 2 tickets in work, 1 in the queue.\n', 'Waiting:  desk/worker; in work: T-1, T-2.\n']);
  const refused = await post(desk, ticket);
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([503, '5', { error: 'the desk is closing' }]);
  expect(traces.spans.at(-1)?.attributes).toMatchObject({ 'error.type': 'DeskClosed', 'http.response.status_code': 503 });
  release();
  await expect(ended).resolves.toEqual(expect.objectContaining({ status: 'stopped', failures: [], stuck: [] }));
  expect(lines.slice(2)).toEqual([
    'Desk:     stopped; meanwhile 2 tickets answered, 0 failed, left behind: T-3.',
    'Cleanups: hand back tickets done, store summary done, close log archive done.',
    'Runtime:  nothing was running.',
  ]);
  expect(traces.open).toEqual([]);
});

test('what is not answered in time is cancelled, and who got no answer is told', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const desk = await openTestDesk(runtime, { clock, model: heldModel().model });
  for (let count = 0; count < 3; count += 1) await post(desk, ticket);
  const events = await desk.app.request('/tickets/T-3/events');
  const told = events.text();
  const { lines, ended } = shutting(desk, runtime);
  await nextTurn();
  await clock.advance(5000);
  expect(exitOf(await ended, false)).toEqual({ code: 1, why: undefined });
  expect(lines.slice(2)).toEqual([
    'Desk:     terminated; meanwhile 0 tickets answered, 2 failed, left behind: T-3. Out of time: desk/worker.',
    'Cleanups: hand back tickets done, store summary done, close log archive done.',
    'Runtime:  nothing was running.',
  ]);
  const cancelled = traces.spans.filter(({ attributes }) => attributes['tracewright.cancelled_by'] === 'shutdown');
  expect(cancelled.map(({ name }) => name)).toEqual([
    'process tickets',
    'handle ticket',
    'action',
    'chat scripted',
    'process tickets',
    'handle ticket',
    'action',
    'chat scripted',
  ]);
  expect(await told).toContain('event: failed\ndata: {"reason":"the desk was closed"}');
  expect([traces.open, clock.pending]).toEqual([[], 0]);
});

test('a cleanup that fails is told, and stops neither the others nor the demo', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const desk = await openTestDesk(runtime, { archive: readOnlyArchive });
  const { lines, ended } = shutting(desk, runtime);
  const outcome = await ended;
  expect(outcome.failures).toEqual([
    { path: 'desk/worker', error: expect.objectContaining({ name: 'ArchiveReadOnly' }), during: 'cleanup' },
  ]);
  expect(lines.at(-2)).toBe(
    'Cleanups: hand back tickets done, store summary done, close log archive FAILED (ArchiveReadOnly: the log archive is read-only).',
  );
  expect(traces.render()).toMatchInlineSnapshot(`
    "footprint.apply  service service

    reception.bootstrap  service service

    worker.bootstrap  service service

    worker.cleanup  ERROR ArchiveReadOnly  outcome error  service service
    │  ✗ ArchiveReadOnly: the log archive is read-only
    └─ store summary"
  `);
  const why = 'a service would exit with 1, as a cleanup failed; this one is part of the demo';
  expect([exitOf(outcome, false), exitOf(outcome, true)]).toEqual([
    { code: 0, why },
    { code: 130, why: undefined },
  ]);
});

test('a cleanup that was not meant to fail makes the exit code 1', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const desk = await openTestDesk(runtime, { summaries: { add: () => Promise.reject(new Error('no space left')) } });
  const { lines, ended } = shutting(desk, runtime);
  expect(exitOf(await ended, false)).toEqual({ code: 1, why: undefined });
  expect(lines.at(-2)).toBe('Cleanups: hand back tickets done, store summary FAILED (Error: no space left), close log archive done.');
});

test('a child of the worker that was started again is told, with what it had failed with', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const desk = await openTestDesk(runtime, { clock, courier: scriptedCourier({ holdsForMs: 1000 }) });
  await clock.advance(60);
  const { lines, ended } = shutting(desk, runtime);
  await ended;
  expect(lines).toContain('Failures: desk/worker/courier-feed (CourierUnreachable: the courier could not be reached), started again once.');
});
