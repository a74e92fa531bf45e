import assert from 'node:assert/strict';
import { plantCanaries, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

async function callModel(prompt: string): Promise<never> {
  throw new Error(`cannot parse the answer to ${prompt}`);
}

/** Tells what went wrong as applications do: the texts of both tries in one, and both as causes. */
async function askTwice(ask: () => Promise<never>): Promise<never> {
  const tries = await Promise.allSettled([ask(), ask()]);
  const errors = tries.map((tried): unknown => (tried.status === 'rejected' ? tried.reason : undefined));
  throw new Error(`no answer: ${errors.map(String).join('; ')}`, { cause: new AggregateError(errors) });
}

export const promptInAWrappedError = defineCase({
  id: 'prompt-in-a-wrapped-error',
  title: 'The operation above catches the errors of a model, and throws another one that quotes them',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'somebody took care of the call, whose span is clean; the operation above tells the prompt all the same',
    async run() {
      const plain = recordPlain();
      const canaries = plantCanaries(['prompt']);
      const ask = (): Promise<never> =>
        plain.tracer.startActiveSpan('chat', (span) =>
          callModel(canaries.values.prompt).finally(() => {
            span.setAttribute('error.type', 'ModelError');
            span.end();
          }),
        );
      await plain.tracer.startActiveSpan('request', async (request) => {
        await askTwice(ask).catch((error: unknown) => request.recordException(error instanceof Error ? error : String(error)));
        assert.deepEqual(canaries.search(plain.export()), []);
        request.end();
      });
      assert.notDeepEqual(canaries.search(plain.export()), []);
    },
  },
  tracewright: {
    promise: 'an error that has one with content among its causes holds content itself, wherever it is thrown',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const canaries = plantCanaries(['prompt']);
      const chat = { name: 'chat', carriesContent: true };
      const request = runtime.run('request', (scope) => askTwice(() => scope.run(chat, () => callModel(canaries.values.prompt))));
      await assert.rejects(request, (error) => error instanceof Error && canaries.search(error.message).length > 0);
      assert.deepEqual(canaries.search(traces.export()), []);
      assert.equal(traces.find('request').events[0]?.attributes['exception.type'], 'Error');
    },
  },
});
