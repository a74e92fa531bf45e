import assert from 'node:assert/strict';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { content } from 'tracewright';
import { plantCanaries, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** The redaction that guides recommend: a processor that replaces what must not leave before it is exported. */
function redacting(secret: string): (exporting: SpanProcessor) => SpanProcessor {
  const redact = (span: ReadableSpan): void => {
    for (const [key, value] of Object.entries(span.attributes))
      if (typeof value === 'string') span.attributes[key] = value.replaceAll(secret, '[redacted]');
  };
  return (exporting) => ({
    onStart: (span, context) => exporting.onStart(span, context),
    onEnd: (span) => {
      redact(span);
      exporting.onEnd(span);
    },
    forceFlush: () => exporting.forceFlush(),
    shutdown: () => exporting.shutdown(),
  });
}

/** Payloads of models and of queues are texts inside texts. */
const base64Of = (text: string): string => Buffer.from(JSON.stringify({ parts: [{ text }] })).toString('base64');

export const promptInBase64 = defineCase({
  id: 'prompt-in-base64',
  title: 'A payload is described in base64, and a processor redacts what is about to leave',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'the processor finds the prompt where it stands in plain text, and exports it encoded',
    async run() {
      const canaries = plantCanaries(['prompt']);
      const { prompt } = canaries.values;
      const plain = recordPlain({ wrapExporting: redacting(prompt) });
      plain.tracer.startSpan('chat', { attributes: { 'app.prompt': prompt, 'app.payload': base64Of(prompt) } }).end();
      assert.equal(plain.spans[0]?.attributes['app.prompt'], '[redacted]');
      assert.notDeepEqual(canaries.search(plain.export()), []);
    },
  },
  tracewright: {
    promise: 'content is marked where it is known to be some, before it is encoded into anything, and nothing has to be found later',
    async run() {
      using traces = recordTraces();
      const canaries = plantCanaries(['prompt']);
      const payload = base64Of(canaries.values.prompt);
      await traces.runtime().run('chat', (scope) => {
        scope.set({ 'app.payload': content(payload), 'gen_ai.input.messages': [payload] });
        scope.event('sent', { payload: content(payload) });
      });
      assert.deepEqual(canaries.search(traces.export()), []);
    },
  },
});
