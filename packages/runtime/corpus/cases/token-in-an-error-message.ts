import assert from 'node:assert/strict';
import { user } from 'tracewright';
import { plantCanaries, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** An HTTP client that shows the request that failed, as they do. */
function fetchOrders(token: string): never {
  throw new Error(`401 of GET https://shop.test/orders?access_token=${encodeURIComponent(token)}, headers: {"x-token":"${token}"}`);
}

export const tokenInAnErrorMessage = defineCase({
  id: 'token-in-an-error-message',
  title: 'An HTTP client puts the request of a user into its error, with the token of that user',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'the token is in the message of the exception and in its stack',
    async run() {
      const plain = recordPlain();
      const canaries = plantCanaries(['token']);
      plain.tracer.startActiveSpan('load orders', (span) => {
        try {
          fetchOrders(canaries.values.token);
        } catch (error) {
          assert.ok(error instanceof Error);
          span.recordException(error);
        }
        span.end();
      });
      assert.notDeepEqual(canaries.search(plain.export()), []);
    },
  },
  tracewright: {
    promise: 'the credentials of whoever executes are found in every text and in every form, and taken out; the rest of the message stays',
    async run() {
      using traces = recordTraces();
      const canaries = plantCanaries(['token']);
      const { token } = canaries.values;
      const runtime = traces.runtime({ content: 'full' });
      const loading = runtime.run('load orders', () => fetchOrders(token), { as: user('ada', { credentials: { token } }) });
      await assert.rejects(loading, (error) => error instanceof Error && error.message.includes(token));
      assert.deepEqual(canaries.search(traces.export()), []);
      assert.equal(
        traces.find('load orders').events[0]?.attributes['exception.message'],
        '401 of GET https://shop.test/orders?access_token=[credentials], headers: {"x-token":"[credentials]"}',
      );
    },
  },
});
