import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { isTracewrightError } from '../../kernel/errors.ts';
import type { PlannedCase } from './contract-case.ts';
import { bytesOf, type Trial, Underway } from './trial.ts';

/** Each connection stands for itself, and says when it is closed. */
export const connectionCases: readonly PlannedCase[] = [
  {
    title: 'a transport says which system it is',
    needs: [],
    body: async (trial) => ok(/^[a-z][a-z0-9_.]*$/.test(trial.system), `"${trial.system}" is no name of a messaging system`),
  },
  {
    title: 'an attempt to connect that is aborted before it begins is rejected',
    needs: [],
    body: (trial) => rejects(trial.connect(AbortSignal.abort())),
  },
  {
    title: 'a source and a connection can be closed twice',
    needs: [],
    async body(trial) {
      const connection = await trial.connect();
      const source = await trial.join(connection);
      await trial.settled('close of a source', source.close());
      await trial.settled('a second close of a source', source.close());
      await trial.settled('close of a connection', connection.close());
      await trial.settled('a second close of a connection', connection.close());
      await trial.settled('close of a source after its connection', source.close());
    },
  },
  {
    title: 'a closed connection refuses to publish and to subscribe with TW_TRANSPORT',
    needs: [],
    async body(trial) {
      const connection = await trial.connect();
      await trial.settled('close', connection.close());
      await refused(trial, connection.publish(trial.destination, { id: 'late', body: bytesOf('late'), headers: {} }, trial.signal));
      await refused(trial, connection.subscribe(trial.destination, { group: 'late', prefetch: 1, signal: trial.signal }));
    },
  },
  {
    title: 'closing one connection leaves another working',
    needs: [],
    async body(trial) {
      const leaving = await trial.connect();
      await trial.join(leaving, { group: 'leaving' });
      const source = await trial.consumer();
      const sender = await trial.connect();
      await trial.settled('close', leaving.close());
      const sent = await trial.publish(sender);
      equal((await trial.next(source)).id, sent.id);
    },
  },
  {
    title: 'closing one source leaves another of its connection working',
    needs: [],
    async body(trial) {
      const connection = await trial.connect();
      const leaving = await trial.join(connection, { group: 'leaving' });
      const source = await trial.join(connection);
      await trial.settled('close', leaving.close());
      const sent = await trial.publish(connection);
      equal((await trial.next(source)).id, sent.id);
    },
  },
  {
    title: 'a receive that waits when its source closes gives nothing, and so does one that comes later',
    needs: [],
    async body(trial) {
      const source = await trial.consumer();
      const waiting = new Underway(source.receive(1, trial.signal));
      await trial.advance(0);
      await trial.settled('close', source.close());
      deepEqual(await trial.settled('receive of a source that closes', waiting), []);
      deepEqual(await trial.settled('receive of a closed source', source.receive(1, trial.signal)), []);
    },
  },
  {
    title: 'a receive that waits when its connection closes gives nothing, and so does one that comes later',
    needs: [],
    async body(trial) {
      const connection = await trial.connect();
      const source = await trial.join(connection);
      const waiting = new Underway(source.receive(1, trial.signal));
      await trial.advance(0);
      await trial.settled('close', connection.close());
      deepEqual(await trial.settled('receive of a connection that closes', waiting), []);
      deepEqual(await trial.settled('receive of a closed connection', source.receive(1, trial.signal)), []);
    },
  },
];

async function refused(trial: Trial, work: Promise<unknown>): Promise<void> {
  const isRefusal = (error: unknown): boolean => isTracewrightError(error, 'TW_TRANSPORT');
  await rejects(trial.settled('a call of a closed connection', work), isRefusal);
}
