import { plantCanaries, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import type { Model } from './model.ts';
import { closeDesk, instantModel, openTestDesk, post } from './test-desk.ts';

const ticket = '{"subject": "Where is my parcel?"}';

test('no text of a ticket or an answer reaches a span', async () => {
  using traces = recordTraces();
  const canaries = plantCanaries(['subject', 'answer']);
  const model: Model = {
    ...instantModel,
    async *answer() {
      yield canaries.values.answer;
    },
  };
  const desk = await openTestDesk(traces.runtime(), { model });
  await post(desk, JSON.stringify({ subject: canaries.values.subject }));
  await (await desk.app.request('/tickets/T-1/events')).text();
  await closeDesk(desk);
  expect(canaries.search(traces.export())).toEqual([]);
});

test('the answer of the model is on its span where the content policy is open, and only there', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime({ content: 'full' }));
  await post(desk, ticket);
  await closeDesk(desk);
  const holders = traces.spans.filter(({ attributes }) => JSON.stringify(attributes).includes('on its way'));
  expect(holders.map(({ name, attributes }) => [name, attributes['gen_ai.output.messages']])).toEqual([
    ['chat scripted', '[{"role":"assistant","parts":[{"type":"text","content":"It is on its way."}],"finish_reason":"stop"}]'],
  ]);
});

test('what a model says in an error is content too', async () => {
  using traces = recordTraces();
  const canaries = plantCanaries(['answer']);
  const model: Model = {
    ...instantModel,
    async *answer() {
      yield 'It is ';
      throw new Error(`cut off after ${canaries.values.answer}`);
    },
  };
  const desk = await openTestDesk(traces.runtime(), { model });
  await post(desk, ticket);
  await closeDesk(desk);
  expect(traces.find('chat scripted').attributes).toMatchObject({ 'error.type': 'Error', 'tracewright.outcome': 'error' });
  expect(canaries.search(traces.export())).toEqual([]);
});
