import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { exitCode, stopOnSignals } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { signalled, someTurns } from '../waiting.ts';

/** A database that refuses what comes after its end. */
function openDatabase(): { write(): Promise<void>; close(): Promise<void> } {
  let isClosed = false;
  return {
    async write() {
      if (isClosed) throw new Error('the database is closed');
    },
    async close() {
      isClosed = true;
    },
  };
}

export const signalInTheMiddleOfAJob = defineCase({
  id: 'signal-in-the-middle-of-a-job',
  title: 'An orchestrator sends SIGTERM while a worker does its job',
  source: 'pain',
  guarantee: 11,
  plain: {
    breakage: 'the handler closes the database under the job: each deployment fails some work, and its spans with it',
    async run() {
      const plain = recordPlain();
      const [database, read] = [openDatabase(), signalled()];
      const programme = new EventEmitter().on('SIGTERM', () => void database.close());
      const working = plain.tracer.startActiveSpan('do job', async (span) => {
        await read.promise;
        await database.write().finally(() => span.end());
      });
      programme.emit('SIGTERM');
      read.resolve();
      await assert.rejects(working, /the database is closed/);
    },
  },
  tracewright: {
    promise: 'the signal asks the lifecycle to stop: the job ends well, no other begins, and then the database is closed',
    async run() {
      using traces = recordTraces();
      const [database, read] = [openDatabase(), signalled()];
      const programme = Object.assign(new EventEmitter(), { kill: () => assert.fail('the process was killed') });
      const worker = traces.runtime().lifecycle('worker', async (l) => {
        l.defer(database.close);
        while (l.running)
          await l.run('do job', async () => {
            await read.promise;
            await database.write();
          });
      });
      const watch = stopOnSignals(worker, { process: programme });
      programme.emit('SIGTERM', 'SIGTERM');
      await someTurns();
      assert.deepEqual(worker.waitingFor(), ['body', 'do job']);
      read.resolve();
      const outcome = await worker.done;
      assert.deepEqual([outcome.status, exitCode(outcome)], ['stopped', 0]);
      assert.deepEqual(
        traces.spans.map(({ name, status }) => [name, status.code]),
        [
          ['do job', 'UNSET'],
          ['worker.cleanup', 'UNSET'],
        ],
      );
      await assert.rejects(database.write());
      // One more would not cut short what the program still does after that.
      programme.emit('SIGTERM', 'SIGTERM');
      watch[Symbol.dispose]();
      assert.equal(programme.listenerCount('SIGTERM'), 0);
    },
  },
});
