import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { linkedFrom, parentsOf } from '../seen-span.ts';
import { someTurns } from '../waiting.ts';

/** A client that reads its socket from the moment of `subscribe`, so that messages come in the context of whoever subscribed. */
function subscribeThrice(handle: () => unknown): Promise<void> {
  const socket = new EventEmitter();
  socket.on('message', handle);
  return (async () => {
    for (let message = 0; message < 3; message += 1) {
      await someTurns();
      socket.emit('message');
    }
    await someTurns();
  })();
}

export const subscriptionMadeDuringBootstrap = defineCase({
  id: 'subscription-made-during-bootstrap',
  title: 'A component subscribes while it boots, and is handed messages for weeks',
  source: 'pain',
  guarantee: 2,
  plain: {
    breakage: 'each message is handled below the span of the boot, which ended long ago',
    async run() {
      const plain = recordPlain();
      let messages = Promise.resolve();
      plain.tracer.startActiveSpan('bootstrap', (bootstrap) => {
        messages = subscribeThrice(() => plain.tracer.startSpan('handle message').end());
        bootstrap.end();
      });
      await messages;
      assert.deepEqual(parentsOf(plain.spans, 'handle message'), ['bootstrap', 'bootstrap', 'bootstrap']);
    },
  },
  tracewright: {
    promise: 'each message is a trace of its own, linked to the boot; the boot ends when it is done',
    async run() {
      using traces = recordTraces();
      const runtime = traces.runtime();
      let messages = Promise.resolve();
      await runtime.run('bootstrap', () => {
        messages = subscribeThrice(() => runtime.run('handle message', () => undefined));
      });
      assert.deepEqual(traces.open, []);
      await messages;
      assert.deepEqual(parentsOf(traces.spans, 'handle message'), ['none', 'none', 'none']);
      assert.deepEqual(linkedFrom(traces.spans, 'handle message'), ['bootstrap', 'bootstrap', 'bootstrap']);
    },
  },
});
