import assert from 'node:assert/strict';
import { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { createRuntime } from 'tracewright';
import { defineCase } from '../hostile-case.ts';
import { signalled } from '../waiting.ts';

/** Keeps what it was given past its shutdown, as a backend does. */
class Backend extends InMemorySpanExporter {
  readonly received: string[] = [];
  override export(...[spans, done]: Parameters<InMemorySpanExporter['export']>): void {
    this.received.push(...spans.map((span) => span.name));
    super.export(spans, done);
  }
}

export const spansLostAtExit = defineCase({
  id: 'spans-lost-at-exit',
  title: 'The process is told to stop while it works',
  source: 'pain',
  guarantee: 11,
  plain: {
    breakage: 'the SDK is shut down at the signal, and the work that ends a moment later is lost',
    async run() {
      const backend = new Backend();
      const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(backend)] });
      const answered = signalled();
      const working = provider.getTracer('corpus').startActiveSpan('request', async (request) => {
        await answered.promise;
        request.end();
      });
      await provider.shutdown();
      answered.resolve();
      await working;
      assert.deepEqual(backend.received, []);
    },
  },
  tracewright: {
    promise: 'closing the runtime takes no new work, waits for what runs, and then the SDK is shut down with nothing left to lose',
    async run() {
      const backend = new Backend();
      const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(backend)] });
      const runtime = createRuntime({ tracerProvider });
      const answered = signalled();
      const working = runtime.run('request', () => answered.promise);
      const closing = runtime.close();
      await assert.rejects(
        runtime.run('late request', () => undefined),
        { code: 'TW_RUNTIME_CLOSED' },
      );
      answered.resolve();
      assert.deepEqual(await closing, { running: 1, cancelled: [], stuck: [] });
      await working;
      await tracerProvider.shutdown();
      assert.deepEqual(backend.received, ['request']);
    },
  },
});
