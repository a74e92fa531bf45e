import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { closeDesk, openTestDesk, post } from './test-desk.ts';

const callers = [
  { headers: { 'x-user': 'ada' }, caller: { 'execution.context': 'user', 'caller.id': 'ada' } },
  { headers: { 'x-service': 'shop' }, caller: { 'execution.context': 'service', 'caller.id': 'shop' } },
  { headers: {}, caller: { 'execution.context': 'service', 'caller.id': 'support-desk', 'execution.obo_dev_fallback': true } },
  {
    headers: { 'x-agent': 'mailbot', 'x-user': 'ada' },
    caller: { 'execution.context': 'agent', 'caller.id': 'mailbot', 'tracewright.caller.for': 'ada' },
  },
];

/** What the service does for itself. */
const bookkeeping = [
  'footprint.apply',
  'reception.bootstrap',
  'worker.bootstrap',
  'process tickets',
  'store answer',
  'worker.cleanup',
  'store summary',
];

test.for(callers)('every span of a request by $headers names its caller', async ({ headers, caller }) => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime({ service: { principalId: 'support-desk' } }));
  expect((await post(desk, '{"subject": "Hello"}', headers)).status).toBe(201);
  await closeDesk(desk);
  const ours = traces.spans.filter(({ name }) => !bookkeeping.includes(name));
  expect(ours.map(({ name }) => name)).toEqual(expect.arrayContaining(['POST /tickets', 'send tickets', 'handle ticket', 'chat scripted']));
  for (const { attributes } of ours) expect(attributes).toMatchObject(caller);
  const stored = traces.find('store answer').attributes;
  expect([stored['caller.id'], stored['execution.obo_dev_fallback']]).toEqual(['support-desk', undefined]);
});

test('a request joins the trace that its traceparent names', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  const traceId = 'a'.repeat(32);
  await post(desk, '{"subject": "Hello"}', { 'x-user': 'eve', traceparent: `00-${traceId}-${'b'.repeat(16)}-01` });
  await closeDesk(desk);
  expect(traces.find('POST /tickets')).toMatchObject({ traceId, parentSpanId: 'b'.repeat(16), parentIsRemote: true });
  expect(traces.find('process tickets').traceId).not.toBe(traceId);
});

const refusals = [
  { body: '{"subject": ', status: 400, error: expect.stringMatching(/^the body is not JSON: /) },
  { body: '', status: 400, error: 'the body is empty' },
  { body: '[]', status: 400, error: 'the body must be a JSON object such as {"subject": "Where is my parcel?"}' },
  { body: '{"subject": 7}', status: 400, error: '"subject" must be a text that is not empty' },
  { body: '{"subject": "a", "colour": "green"}', status: 400, error: '"colour" is not a field of a ticket; there are subject and order' },
  {
    body: '{"subject": "a", "order": "17"}',
    status: 400,
    error: '"order" must be a text such as "A-17", or "A-17, B-2" for up to three orders',
  },
  { body: `{"subject": "${'a'.repeat(201)}"}`, status: 400, error: '"subject" has 201 characters, at most 200 are allowed' },
  { body: 'a'.repeat(16_385), status: 413, error: 'the body is longer than 16384 bytes' },
];

test.for(refusals)('a request that is refused says why, and its span is no error: $status $error', async ({ body, status, error }) => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  const response = await post(desk, body);
  expect([response.status, await response.json()]).toEqual([status, { error }]);
  expect(traces.find('POST /tickets')).toMatchObject({ status: { code: 'UNSET' }, attributes: { 'http.response.status_code': status } });
  expect(traces.open).toEqual([]);
});

test('a body that is not declared as JSON is refused', async () => {
  using traces = recordTraces();
  const response = await post(await openTestDesk(traces.runtime()), 'subject=a', { 'content-type': 'text/plain' });
  expect([response.status, await response.json()]).toEqual([
    415,
    { error: 'content-type must be application/json, received "text/plain"' },
  ]);
});

test('an unknown ticket and an unknown route are not found', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  const answers = await Promise.all(['/tickets/T-7', '/tickets/T-7/events', '/nothing/here'].map(async (path) => desk.app.request(path)));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  expect(await answers[1]?.json()).toEqual({ error: 'there is no ticket T-7' });
  expect(traces.spans.filter(({ kind }) => kind === 'SERVER').map(({ name }) => name)).toEqual([
    'GET /tickets/:id',
    'GET /tickets/:id/events',
    'HTTP',
  ]);
});

test('in production a request that names nobody is refused', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime(), { mode: 'production' });
  const response = await post(desk, '{"subject": "Hello"}', {});
  expect([response.status, await response.json()]).toEqual([401, { error: 'nobody is named: send x-user, x-service or x-agent' }]);
  expect(traces.find('POST /tickets').attributes).not.toHaveProperty('execution.obo_dev_fallback');
});
