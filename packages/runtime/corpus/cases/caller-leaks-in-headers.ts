import assert from 'node:assert/strict';
import { context, defaultTextMapSetter, propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { user } from 'tracewright';
import { plantCanaries, recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

const propagator = new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] });

/** The headers of a request to a partner, written by an instrumented HTTP client. */
function headersToPartner(): string {
  const headers: Record<string, string> = {};
  propagator.inject(context.active(), headers, defaultTextMapSetter);
  assert.ok(headers['traceparent']);
  return JSON.stringify(headers);
}

export const callerLeaksInHeaders = defineCase({
  id: 'caller-leaks-in-headers',
  title: 'The caller is put where all spans below can find it, and a partner is called',
  source: 'pain',
  guarantee: 7,
  plain: {
    breakage: 'baggage, the one thing that children inherit, goes out to everybody in a header',
    async run() {
      const { tracer } = recordPlain();
      const canaries = plantCanaries(['caller']);
      await tracer.startActiveSpan('request', async (request) => {
        const baggage = propagation.createBaggage({ 'caller.id': { value: canaries.values.caller } });
        const headers = context.with(propagation.setBaggage(context.active(), baggage), headersToPartner);
        request.end();
        assert.notDeepEqual(canaries.search(headers), []);
      });
    },
  },
  tracewright: {
    promise: 'caller and identity are on every span in the process and in no header that leaves it',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const canaries = plantCanaries(['caller', 'component']);
      const { caller, component } = canaries.values;
      const identity = { extend: { 'component.name': component } };
      await runtime.run(
        'request',
        (request) => {
          assert.deepEqual(canaries.search(headersToPartner()), []);
          assert.deepEqual(canaries.search(JSON.stringify(request.inject())), []);
        },
        { as: user(caller), identity },
      );
      assert.equal(traces.find('request').attributes['caller.id'], caller);
    },
  },
});
