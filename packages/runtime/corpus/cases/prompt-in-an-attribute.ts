import assert from 'node:assert/strict';
import { content } from 'tracewright';
import { plantCanaries, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

const messagesOf = (prompt: string): string => JSON.stringify([{ role: 'user', content: prompt }]);

export const promptInAnAttribute = defineCase({
  id: 'prompt-in-an-attribute',
  title: 'An instrumentation describes a call of a model with its messages',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'what the user said is in the export, as nobody had to ask for it',
    async run() {
      const plain = recordPlain();
      const canaries = plantCanaries(['prompt']);
      const span = plain.tracer.startSpan('chat', { attributes: { 'gen_ai.input.messages': messagesOf(canaries.values.prompt) } });
      span.addEvent('gen_ai.user.message', { content: canaries.values.prompt });
      span.end();
      assert.notDeepEqual(canaries.search(plain.export()), []);
    },
  },
  tracewright: {
    promise: 'content leaves only when somebody asked for it: by its key or by its mark, it is dropped, or only its length is told',
    async run() {
      for (const [level, length] of [[undefined, undefined] as const, ['metadata', 28] as const]) {
        using traces = recordTraces();
        const canaries = plantCanaries(['prompt']);
        const { prompt } = canaries.values;
        await traces.runtime({ content: level }).run('chat', (scope) => {
          scope.set({ 'gen_ai.input.messages': messagesOf(prompt), 'app.question': content('x'.repeat(28)), model: 'small' });
          scope.event('gen_ai.user.message', { content: content(prompt) });
        });
        assert.deepEqual(canaries.search(traces.export()), []);
        const { attributes } = traces.find('chat');
        assert.equal(attributes['model'], 'small');
        assert.equal(attributes['app.question.length'], length);
      }
    },
  },
});
