import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { parentsOf } from '../seen-span.ts';

export const listenerSeesTheEmitter = defineCase({
  id: 'listener-sees-the-emitter',
  title: 'A request listens to an emitter that another request emits on',
  source: 'als',
  guarantee: 5,
  plain: {
    breakage: 'the listener’s work stands in the trace of whoever emits',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      const prices = new EventEmitter();
      tracer.startActiveSpan('watch prices', (watching) => {
        prices.on('change', () => tracer.startSpan('notify').end());
        tracer.startActiveSpan('set price', { root: true }, (setting) => {
          prices.emit('change');
          setting.end();
        });
        watching.end();
      });
      assert.deepEqual(parentsOf(plain.spans, 'notify'), ['set price']);
    },
  },
  tracewright: {
    promise: 'a bound listener works for the one who listens, in the listener’s trace',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      const prices = new EventEmitter();
      let notified: Promise<void> | undefined;
      const watching = async (): Promise<void> =>
        runtime.run(
          'watch prices',
          async (scope) => {
            prices.on(
              'change',
              scope.bind(() => {
                notified = runtime.run('notify', () => undefined);
              }),
            );
            await runtime.run({ name: 'set price', root: true }, () => prices.emit('change'), { as: user('seller') });
            await notified;
          },
          { as: user('buyer') },
        );
      await watching();
      assert.deepEqual(parentsOf(traces.spans, 'notify'), ['watch prices']);
      assert.equal(traces.find('notify').attributes['caller.id'], 'buyer');
    },
  },
});
