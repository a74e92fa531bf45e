import assert from 'node:assert/strict';
import { agent, service, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

const ada = user('ada', { credentials: 'token of ada' });
/** One query as the user, as the service, as an agent of the user, and as the service because in development no user was known. */
const executors = [ada, service('billing'), agent('refund-agent', { for: ada }), service('billing', { developmentFallback: true })];

export const nobodyKnowsWhoExecuted = defineCase({
  id: 'nobody-knows-who-executed',
  title: 'One query runs as a user, as the service, as an agent for the user, and as a stand-in',
  source: 'pain',
  guarantee: 5,
  plain: {
    breakage: 'the four spans are equal: an audit cannot tell the user’s read from the service’s',
    async run() {
      const plain = recordPlain();
      for (const _executor of executors) plain.tracer.startSpan('query').end();
      assert.equal(new Set(plain.spans.map(({ attributes }) => JSON.stringify(attributes))).size, 1);
    },
  },
  tracewright: {
    promise: 'each span says who executed, for whom, and whether somebody stood in',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      for (const executor of executors) await runtime.run('query', () => undefined, { as: executor });
      assert.deepEqual(
        traces.spans.map(({ attributes }) => attributes),
        [
          { 'execution.context': 'user', 'caller.id': 'ada' },
          { 'execution.context': 'service', 'caller.id': 'billing' },
          {
            'execution.context': 'agent',
            'caller.id': 'refund-agent',
            'tracewright.caller.for': 'ada',
            'tracewright.caller.chain': ['agent:refund-agent', 'user:ada'],
          },
          { 'execution.context': 'service', 'caller.id': 'billing', 'execution.obo_dev_fallback': true },
        ],
      );
    },
  },
});
