import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { MessageSource, SubscribeOptions, Transport } from '../../component/transport.ts';
import { isCausedBy } from './kafka-error.ts';

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/bin', '/usr/bin'];
const program = folders.map((folder) => join(folder, 'kcat')).find((path) => existsSync(path));
/** Whether tests that need a cluster are left out here; where all must run, they fail instead. */
export function isMockClusterMissing(): boolean {
  const isMissing = program === undefined && process.env['CI'] !== 'true';
  if (isMissing) console.warn('kcat is not installed, and tests of the Kafka transport are skipped: apt-get install kcat');
  return isMissing;
}

/** Options that go well with it: it waits for members about as long as a session lasts, 3 s at least when a group is new. */
export const hasty = { sessionTimeoutMs: 4000, maxWaitTimeMs: 100 };

/** For the tests here: three brokers in one process, in memory, the mock cluster of librdkafka. It has groups and their rebalances; each topic that is asked about is there, with four partitions. */
export class MockCluster {
  brokers: readonly string[] = [];
  kill: () => Promise<void> = () => Promise.resolve();
  /** Lets them answer nobody, until what it gives is called. */
  freeze: () => () => void = () => () => undefined;

  start(): Promise<void> {
    if (program === undefined) throw new Error('kcat is not installed: apt-get install kcat');
    const child = spawn(program, ['-X', 'test.mock.num.brokers=3', '-d', 'mock', '-C', '-t', 'x', '-b', 'x'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const end = (): void => void child.kill('SIGKILL');
    const closed = once(child, 'close');
    process.once('exit', end);
    this.kill = async () => {
      process.removeListener('exit', end);
      end();
      await closed;
    };
    this.freeze = () => {
      child.kill('SIGSTOP');
      return () => void child.kill('SIGCONT');
    };
    return new Promise((resolve, reject) => {
      let log = '';
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`kcat ended:\n${log}`)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        // It tells of each request; nobody reads that.
        if (this.brokers.length > 0) return;
        log += text;
        const found = /bootstrap\.servers=(\S+)\n/.exec(log)?.[1];
        if (found === undefined) return;
        this.brokers = found.split(',');
        resolve();
      });
    });
  }
}

/**
 * Subscribes again where this cluster has refused that wrongly: it takes a group for complete when its leader is, and answers INVALID_REQUEST to a member that asks
 * for its partitions a moment later. Kafka's own brokers would tell it.
 */
export function subscribingAgain(transport: Transport): Transport {
  return {
    ...transport,
    connect: async (given) => {
      const connection = await transport.connect(given);
      const subscribe = async (destination: string, options: SubscribeOptions): Promise<MessageSource> => {
        for (;;) {
          try {
            return await connection.subscribe(destination, options);
          } catch (error) {
            if (!isCausedBy(error, ({ type }) => type === 'INVALID_REQUEST')) throw error;
          }
        }
      };
      return { subscribe, publish: (...message) => connection.publish(...message), close: () => connection.close() };
    },
  };
}
