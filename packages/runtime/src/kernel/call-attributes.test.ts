import { content, operation, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const load = operation({ name: 'load', attributes: { 'order.kind': 'parcel', 'order.size': 'small' } });

test('attributes of a call stand beside those of its operation, and win over them, for that call alone', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  await runtime.run(load, () => 1, { attributes: { 'order.id': 'A-1', 'order.size': 'large', 'order.note': undefined } });
  await runtime.run(load, () => 1);
  const shown = traces.spans.map(({ attributes }) => [attributes['order.id'], attributes['order.kind'], attributes['order.size']]);
  expect(shown).toEqual([
    ['A-1', 'parcel', 'large'],
    [undefined, 'parcel', 'small'],
  ]);
  expect(traces.spans[0]?.attributes).not.toHaveProperty('order.note');
});

test('G5: attributes of a call come after who and where, so that a limit does not cut those', async () => {
  using traces = recordTraces();
  const identity = { replace: { 'component.name': 'desk' } };
  await traces.runtime().run(load, () => 1, { as: user('ada'), identity, attributes: { 'order.id': 'A-1' } });
  expect(Object.keys(traces.find('load').attributes)).toEqual([
    'execution.context',
    'caller.id',
    'component.name',
    'order.kind',
    'order.size',
    'order.id',
  ]);
});

test('G7: attributes of a call pass the gate', async () => {
  using traces = recordTraces();
  const as = user('ada', { credentials: 'tok-SECRET-123456789' });
  const attributes = { prompt: content('what ada said'), url: 'https://x/?t=tok-SECRET-123456789', wrong: {} as never };
  await traces.runtime().run('ask', () => 1, { as, attributes });
  const { prompt, url, wrong } = traces.find('ask').attributes;
  expect([prompt, url, wrong]).toEqual([undefined, 'https://x/?t=[credentials]', undefined]);
});

test('a stream takes attributes of its call too', async () => {
  using traces = recordTraces();
  for await (const _ of traces.runtime().stream('read', () => [1], { attributes: { 'order.id': 'A-1' } })) continue;
  expect(traces.find('read').attributes).toMatchObject({ 'order.id': 'A-1' });
});
