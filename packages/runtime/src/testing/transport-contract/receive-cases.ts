import { deepEqual, equal, ok } from 'node:assert/strict';
import type { PlannedCase } from './contract-case.ts';
import { idsOf, Underway } from './trial.ts';

/** Consumers get no more than they asked for, and lose nothing by no longer asking. */
export const receiveCases: readonly PlannedCase[] = [
  {
    title: 'receive gives at most as many messages as were asked for',
    needs: [],
    async body(trial) {
      const source = await trial.consumer();
      const sender = await trial.connect();
      const sent = [await trial.publish(sender), await trial.publish(sender), await trial.publish(sender)];
      await trial.advance(100);
      // `receive` of the trial checks the number.
      const first = await trial.receive(source, 2);
      const rest = await trial.collect(source, 3 - first.length);
      deepEqual(idsOf([...first, ...rest]).toSorted(), idsOf(sent).toSorted());
    },
  },
  {
    title: 'a consumer never holds more unsettled messages than its prefetch, and gets the next one when it settles one',
    needs: [],
    async body(trial) {
      const source = await trial.consumer({ prefetch: 2 });
      const sender = await trial.connect();
      for (let count = 0; count < 4; count += 1) await trial.publish(sender);
      const [first, ...others] = await trial.receive(source, 10);
      ok(first !== undefined);
      if (others.length === 0) others.push(await trial.next(source));
      equal(others.length, 1, `${others.length + 1} messages came to a consumer with a prefetch of 2`);
      await trial.nothingFrom(source);
      await trial.settled('ack', first.ack());
      equal((await trial.receive(source, 10)).length, 1);
      await trial.nothingFrom(source);
    },
  },
  {
    title: 'a receive that is aborted while it waits gives nothing, and the next message goes to the receive after it',
    needs: [],
    async body(trial) {
      const source = await trial.consumer();
      const sender = await trial.connect();
      await trial.nothingFrom(source);
      const sent = await trial.publish(sender);
      await trial.advance(100);
      const { id, attempt } = await trial.next(source);
      deepEqual({ id, attempt }, { id: sent.id, attempt: 1 });
    },
  },
  {
    title: 'a receive whose signal has aborted before gives nothing, and takes nothing away',
    needs: [],
    async body(trial) {
      const source = await trial.consumer();
      const sent = await trial.publish(await trial.connect());
      await trial.advance(100);
      deepEqual(await trial.settled('receive', source.receive(10, AbortSignal.abort())), []);
      const { id, attempt } = await trial.next(source);
      deepEqual({ id, attempt }, { id: sent.id, attempt: 1 });
    },
  },
  {
    title: 'a message that comes in the moment of the abort is given once, to that receive or to the next',
    needs: [],
    async body(trial) {
      const source = await trial.consumer();
      const sender = await trial.connect();
      for (let round = 0; round < 5; round += 1) {
        const stop = new AbortController();
        const receiving = new Underway(source.receive(10, stop.signal));
        const publishing = trial.publish(sender);
        // Each round aborts a little later.
        for (let turn = 0; turn < round; turn += 1) await Promise.resolve();
        stop.abort();
        const sent = await publishing;
        const early = await trial.settled('receive, though it was aborted,', receiving);
        const got = early.length > 0 ? early : await trial.receive(source, 10);
        deepEqual(
          got.map(({ id, attempt }) => ({ id, attempt })),
          [{ id: sent.id, attempt: 1 }],
        );
        for (const delivery of got) await trial.settled('ack', delivery.ack());
      }
      await trial.nothingFrom(source);
    },
  },
];
