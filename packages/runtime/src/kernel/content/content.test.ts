import { inspect } from 'node:util';
import { content, operation } from 'tracewright';
import { expect, test } from 'vitest';
import { ContentGate } from './content-gate.ts';

const prompt = content('what the patient said');

test('G7: content shows itself nowhere', () => {
  const shown = [
    String(prompt),
    ['prompt: ', prompt].join(''),
    JSON.stringify({ prompt }),
    inspect({ prompt }, { depth: 9, showHidden: true }),
    Object.values(prompt).join(','),
  ];
  expect(shown).toEqual(['[content]', 'prompt: [content]', '{"prompt":"[content]"}', '{ prompt: [content] }', '']);
  expect(prompt.reveal()).toBe('what the patient said');
});

test('G7: content cannot be made to show itself', () => {
  expect(() => Object.assign(prompt, { toString: () => 'x' })).toThrow(TypeError);
});

test('G7: content at a definition is refused, as a definition outlives the call that it is of', () => {
  expect(() => operation({ name: 'x', attributes: { prompt } })).toThrow(
    expect.objectContaining({
      code: 'TW_BAD_OPTION',
      message:
        "operation.attributes['prompt'] must be an attribute value (content belongs to a call, not to a definition), received [content]",
    }),
  );
});

test('G7: what is no text stays out, marked as content or not', () => {
  const gate = ContentGate.of({ content: 'pass' }, 100);
  const notText = { no: 'text' } as never;
  expect(gate.attributes({ marked: content(notText), plain: notText, other: 'x' }, 'attribute')).toEqual({ other: 'x' });
});
