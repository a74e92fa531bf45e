import type { Outcome, Runtime } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { readOnlyArchive } from './books.ts';
import { scriptedCourier } from './courier.ts';
import { exitOf } from './exit-code.ts';
import { shutDown } from './shutdown.ts';
import type { SupportDesk } from './support-desk.ts';
import { heldModel, openTestDesk, post } from './test-desk.ts';

const ticket = '{"subject": "Where is my parcel?"}';
const telemetry = { endpoint: undefined, close: () => Promise.resolve(true) };
const server = { origin: '', serve: () => undefined, stopAccepting: () => undefined, close: () => Promise.resolve() };
const chat = 'handle ticket > action > chat scripted';

/** Shuts a desk down; the lines are what is printed so far. */
function shutting(desk: SupportDesk, runtime: Runtime): { readonly lines: readonly string[]; readonly ended: Promise<Outcome> } {
  const lines: string[] = [];
  return { lines, ended: shutDown({ desk, runtime, telemetry, server }, (line) => lines.push(line)) };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a desk that is stopped answers what it has, tells for whom it waits, and refuses all else', async () => {
  using traces = recordTraces();
  const { model, release } = heldModel();
  const runtime = traces.runtime();
  const desk = openTestDesk(runtime, { model });
  for (let count = 0; count < 3; count += 1) await post(desk, ticket);
  const { lines, ended } = shutting(desk, runtime);
  await nextTurn();
  expect(lines).toEqual([
    'Stopping: no new requests. 2 tickets in work, 1 in the queue.\n',
    `Waiting:  worker/taker-1 (${chat}), worker/taker-2 (${chat}).\n`,
  ]);
  const refused = await post(desk, ticket);
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([503, '5', { error: 'the desk is closing' }]);
  expect(traces.spans.at(-1)?.attributes).toMatchObject({ 'error.type': 'DeskClosed', 'http.response.status_code': 503 });
  release();
  await expect(ended).resolves.toEqual(expect.objectContaining({ status: 'stopped', failures: [], stuck: [] }));
  expect(lines.slice(2)).toEqual([
    'Worker:   stopped; meanwhile 3 tickets answered, 0 failed, none left behind.',
    'Cleanups: hand back tickets done, store summary done, close log archive done.',
    'Runtime:  nothing was running.',
  ]);
  expect(traces.open).toEqual([]);
});

test('what is not answered in time is cancelled, and who got no answer is told', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const desk = openTestDesk(runtime, { model: heldModel().model });
  for (let count = 0; count < 3; count += 1) await post(desk, ticket);
  const events = await desk.app.request('/tickets/T-3/events');
  const told = events.text();
  const { lines, ended } = shutting(desk, runtime);
  await nextTurn();
  await clock.advance(5000);
  expect(exitOf(await ended, false)).toEqual({ code: 1, why: undefined });
  expect(lines.slice(2)).toEqual([
    'Worker:   terminated; meanwhile 0 tickets answered, 2 failed, left behind: T-3. Out of time: worker/taker-1, worker/taker-2.',
    'Cleanups: hand back tickets done, store summary done, close log archive done.',
    'Runtime:  nothing was running.',
  ]);
  const cancelled = traces.spans.filter(({ attributes }) => attributes['tracewright.cancelled_by'] === 'shutdown');
  expect(cancelled.map(({ name }) => name)).toEqual([
    'handle ticket',
    'action',
    'chat scripted',
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
  const desk = openTestDesk(runtime, { archive: readOnlyArchive });
  const { lines, ended } = shutting(desk, runtime);
  const outcome = await ended;
  expect(outcome.failures).toEqual([{ path: 'worker', error: expect.objectContaining({ name: 'ArchiveReadOnly' }), during: 'cleanup' }]);
  expect(lines.at(-2)).toBe(
    'Cleanups: hand back tickets done, store summary done, close log archive FAILED (ArchiveReadOnly: the log archive is read-only).',
  );
  expect(traces.render()).toMatchInlineSnapshot(`
    "worker.cleanup  ERROR ArchiveReadOnly  outcome error  service service
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
  const desk = openTestDesk(runtime, { summaries: { add: () => Promise.reject(new Error('no space left')) } });
  const { lines, ended } = shutting(desk, runtime);
  expect(exitOf(await ended, false)).toEqual({ code: 1, why: undefined });
  expect(lines.at(-2)).toBe('Cleanups: hand back tickets done, store summary FAILED (Error: no space left), close log archive done.');
});

test('a request whose body never comes is cancelled by the shutdown, and answered', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const desk = openTestDesk(runtime);
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
  await clock.advance(2000);
  await ended;
  expect(lines.at(-1)).toBe('Runtime:  2 operations running. Cancelled: POST /tickets, POST /tickets > read body. Stuck: none.');
  expect([(await answer).status, isCancelled]).toEqual([503, true]);
  expect(traces.find('read body').attributes).toMatchObject({ 'tracewright.cancelled_by': 'shutdown' });
});

test('a child of the worker that was started again is told, with what it had failed with', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const runtime = traces.runtime();
  const desk = openTestDesk(runtime, { courier: scriptedCourier({ holdsForMs: 1000 }) });
  await clock.advance(60);
  const { lines, ended } = shutting(desk, runtime);
  await ended;
  expect(lines).toContain('Failures: worker/courier-feed (CourierUnreachable: the courier could not be reached), started again once.');
});
