import assert from 'node:assert/strict';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';
import { drain } from '../waiting.ts';

/** What OpenTelemetry complains of while `program` runs. */
async function complaintsOf(program: () => Promise<unknown>): Promise<readonly string[]> {
  const complaints: string[] = [];
  const keep = (message: string): void => void complaints.push(message);
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: keep, warn: keep, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  try {
    await program();
  } finally {
    diag.disable();
  }
  return complaints;
}

async function* failing(): AsyncGenerator<string> {
  yield 'token';
  throw new TypeError('the connection was reset');
}

export const streamEndedTwice = defineCase({
  id: 'stream-ended-twice',
  title: 'A stream ends its span where it fails and again where it finishes',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'what is learned between the two ends, here the tokens used, is lost, and only the diagnostic logger hears of it',
    async run() {
      const plain = recordPlain();
      const stream = (async function* () {
        const span = plain.tracer.startSpan('generate');
        try {
          yield* failing();
        } catch {
          span.end();
        } finally {
          span.setAttribute('tokens', 1);
          span.end();
        }
      })();
      const complaints = await complaintsOf(() => drain(stream));
      assert.ok(complaints.some((complaint) => complaint.includes('You can only call end() on a span once.')));
      assert.deepEqual(spanNamed(plain.spans, 'generate').attributes, {});
    },
  },
  tracewright: {
    promise: 'there is one end, after everything that the body does, and nobody but the runtime can call it',
    async run() {
      using traces = recordTraces();
      const stream = traces.runtime().stream('generate', async function* (scope) {
        try {
          yield* failing();
        } finally {
          scope.set({ tokens: 1 });
        }
      });
      const complaints = await complaintsOf(() => assert.rejects(drain(stream), TypeError));
      await stream.return();
      assert.deepEqual(complaints, []);
      assert.equal(traces.find('generate').ends, 1);
      assert.equal(traces.find('generate').attributes['tokens'], 1);
    },
  },
});
