import assert from 'node:assert/strict';
import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf } from '../seen-span.ts';
import { signalled } from '../waiting.ts';

export const forkOutlivesItsRequest = defineCase({
  id: 'fork-outlives-its-request',
  title: 'A request starts work on purpose that goes on after the response',
  source: 'pain',
  guarantee: 3,
  plain: {
    breakage: 'the work is a child that ends after its parent: the trace of the request is closed without it',
    async run() {
      const plain = recordPlain();
      const sent = signalled();
      let sending: Promise<void> | undefined;
      plain.tracer.startActiveSpan('request', (request) => {
        sending = plain.tracer.startActiveSpan('send mail', async (mail) => {
          await sent.promise;
          mail.end();
        });
        request.end();
      });
      assert.deepEqual(
        plain.spans.map((span) => span.name),
        ['request'],
      );
      assert.deepEqual(plain.open, ['send mail']);
      sent.resolve();
      await sending;
      assert.deepEqual(parentsOf(plain.spans, 'send mail'), ['request']);
    },
  },
  tracewright: {
    promise: 'detached work is a trace of its own, linked to the request, for the same caller; it is not cancelled with the request',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const sent = signalled();
      let sending: Promise<void> | undefined;
      await runtime.run('request', (request) => void (sending = request.detach().run('send mail', () => sent.promise)), {
        as: user('ada'),
      });
      assert.deepEqual(
        traces.open.map((span) => span.name),
        ['send mail'],
      );
      sent.resolve();
      await sending;
      assert.deepEqual(parentsOf(traces.spans, 'send mail'), ['none']);
      assert.deepEqual(linkedFrom(traces.spans, 'send mail'), ['request']);
      assert.equal(traces.find('send mail').attributes['caller.id'], 'ada');
    },
  },
});
