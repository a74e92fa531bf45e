import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

const password = 'correct-horse-battery';

/** A driver that says what it could not connect to. The password is that of the service: no principal knows it. */
async function connect(): Promise<never> {
  throw new Error(`connect ECONNREFUSED postgres://shop:${password}@db.internal:5432/orders`);
}

export const passwordInAConnectionUrl = defineCase({
  id: 'password-in-a-connection-url',
  title: 'A database is away, and the driver says so with its connection URL',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'the password of the database is in the status of the span, for everybody who may read traces',
    async run() {
      const plain = recordPlain();
      await plain.tracer.startActiveSpan('connect', async (span) => {
        await connect().catch((error: unknown) => span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) }));
        span.end();
      });
      assert.match(String(spanNamed(plain.spans, 'connect').status.message), new RegExp(password));
    },
  },
  tracewright: {
    promise: 'what is a credential by its form is taken out wherever it stands, and the host stays',
    async run() {
      using traces = recordTraces();
      await assert.rejects(traces.runtime({ content: 'full' }).run('connect', connect), new RegExp(password));
      assert.ok(!Buffer.from(traces.export()).includes(password));
      assert.equal(traces.find('connect').status.message, 'connect ECONNREFUSED postgres://[credentials]@db.internal:5432/orders');
    },
  },
});
