import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { createClient } from './client.ts';
import { callers } from './load.ts';
import { closeDesk, heldModel, openTestDesk, post } from './test-desk.ts';

const ticket = '{"subject": "Where is my parcel?"}';

test('a ticket gives three traces: the request, its work by the worker, and who follows it', async () => {
  using traces = recordTraces({ clock: fakeClock() });
  const desk = await openTestDesk(traces.runtime());
  await post(desk, ticket);
  const events = await desk.app.request('/tickets/T-1/events', { headers: { 'x-user': 'bob' } });
  expect((await events.text()).match(/(?<=^event: ).*/gm)).toEqual(['queued', 'working', 'text', 'text', 'answered']);
  await closeDesk(desk);
  expect(traces.render()).toMatchInlineSnapshot(`
    "footprint.apply  service service

    reception.bootstrap  service service

    worker.bootstrap  service service

    POST /tickets  SERVER  user ada
    ├─ read body
    ├─ validate ticket
    ├─ store ticket
    ├─ enrich ticket
    │  └─ find topic
    └─ send tickets  PRODUCER

    process tickets  CONSUMER  service service
    │  → link to send tickets (producer)
    └─ handle ticket  user ada
       ├─ action
       │  └─ chat scripted  CLIENT  outcome done
       └─ store answer  service service

    GET /tickets/:id/events  SERVER  outcome done  user bob

    worker.cleanup  service service
    └─ store summary"
  `);
});

test('the trace of the worker is a root of its own, linked to the message that was sent, with the work on that ticket and nothing else', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  for (let count = 1; count <= 3; count += 1) {
    await post(desk, ticket);
    await (await desk.app.request(`/tickets/T-${count}/events`)).text();
  }
  await closeDesk(desk);
  const roots = traces.spans.filter(({ name }) => name === 'process tickets');
  const sent = traces.spans.filter(({ name }) => name === 'send tickets');
  expect(roots.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, undefined, undefined]);
  expect(roots.map(({ links }) => links.map(({ spanId }) => spanId))).toEqual(sent.map(({ spanId }) => [spanId]));
  for (const root of roots) {
    const names = traces.spans.filter(({ traceId }) => traceId === root.traceId).map(({ name }) => name);
    expect(names).toEqual(['process tickets', 'handle ticket', 'action', 'chat scripted', 'store answer']);
  }
});

test('a client that leaves in the middle ends its own span as aborted, and not the work on the ticket', async () => {
  using traces = recordTraces();
  const { model, release } = heldModel();
  const desk = await openTestDesk(traces.runtime(), { model });
  const client = createClient('', { send: (url, init) => desk.app.request(url, init), pause: () => Promise.resolve() });
  await client.follow({ 'x-user': 'bob' }, await client.open({ 'x-user': 'bob' }, { subject: 'Hello' }), { leaveAt: 'text' });
  const left = traces.find('GET /tickets/:id/events');
  expect(left.attributes).toMatchObject({ 'caller.id': 'bob', 'tracewright.outcome': 'aborted', 'tracewright.cancelled_by': 'client' });
  expect([left.status.code, traces.open.map(({ name }) => name)]).toEqual([
    'UNSET',
    ['process tickets', 'handle ticket', 'action', 'chat scripted'],
  ]);
  release();
  await closeDesk(desk);
  expect([desk.worker.tally.handled, traces.open]).toEqual([1, []]);
});

test('a client that never reads its events leaves a span that says so', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  await post(desk, ticket);
  const events = await desk.app.request('/tickets/T-1/events');
  await events.body?.cancel();
  expect(traces.find('GET /tickets/:id/events').attributes['tracewright.outcome']).toBe('never_started');
  await closeDesk(desk);
});

test('a ticket that fails is an error once, told to who follows it, and the next ticket is handled', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  await post(desk, '{"subject": "Broken", "order": "X-1"}');
  await post(desk, ticket);
  const events = await desk.app.request('/tickets/T-1/events');
  expect(await events.text()).toContain('event: failed\ndata: {"reason":"the order system did not answer"}');
  await closeDesk(desk);
  const failed = traces.spans.filter(({ status }) => status.code === 'ERROR');
  expect(failed.map(({ name, attributes, events: recorded }) => [name, attributes['error.type'], recorded.length])).toEqual([
    ['process tickets', 'OrderSystemDown', 0],
    ['handle ticket', 'OrderSystemDown', 0],
    ['look up order', 'OrderSystemDown', 1],
  ]);
  expect(desk.worker.tally).toMatchObject({ failed: 1, handled: 1 });
});

test('all callers at once leave no orphan, no open span and nothing that a rule objects to', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const desk = await openTestDesk(traces.runtime({ service: { principalId: 'support-desk' } }), { clock });
  const client = createClient('', { send: (url, init) => desk.app.request(url, init), pause: () => Promise.resolve() });
  const over = new AbortController();
  const played = Promise.all(callers.map((caller) => caller.call(client))).finally(() => over.abort());
  while (!over.signal.aborted) await clock.advance(10);
  await played;
  await closeDesk(desk);
  // S2: the gateway that Eve comes through is another process, which is not recorded here.
  const findings = traces.check().filter(({ rule }) => rule !== 'S2');
  expect([traces.open, findings]).toEqual([[], []]);
  const handled = traces.spans.filter(({ name }) => name === 'handle ticket');
  expect(new Set(handled.map(({ attributes }) => attributes['caller.id']))).toEqual(
    new Set(['ada', 'shop', 'support-desk', 'bob', 'cyd', 'dan', 'mailbot', 'eve', 'fay', 'gus']),
  );
});
