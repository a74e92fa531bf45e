import { EventEmitter } from 'node:events';
import type { Lifecycle } from 'tracewright';
import { defineComponent } from 'tracewright/component';
import { expect, test } from 'vitest';
import { main } from './main.ts';

const footprint = { identifier: 'a', revision: 1, allocations: [{ component: 'worker' }] };

/** Runs a program of one component; sends the signals one after the other once it is up. */
async function run(bootstrap: (lifecycle: Lifecycle) => unknown, { args = [] as string[], signals = [] as string[], env = {} } = {}) {
  const worker = defineComponent({ name: 'worker', bootstrap });
  const source = new EventEmitter();
  let stderr = '';
  const write = (chunk: string): void => {
    stderr += chunk;
    if (chunk.includes('all components are up')) for (const name of signals) source.emit(name, name);
  };
  const before = process.exitCode;
  try {
    await main({ components: [worker], footprint, argv: ['node', 'x', ...args], env, stderr: { write }, process: source });
    return { code: process.exitCode, stderr };
  } finally {
    process.exitCode = before;
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

test('a cleanup that fails is told of, and makes the exit code 1', async () => {
  const { code, stderr } = await run(
    (lifecycle) => {
      lifecycle.defer(() => {
        throw new Error('the drawer is stuck');
      });
      lifecycle.fork('wait', (own) => untilAborted(own.grace));
    },
    { signals: ['SIGTERM'] },
  );
  expect(code).toBe(1);
  expect(stderr).toContain('error a cleanup of deployment/worker has failed: the drawer is stuck');
});

test('a second SIGINT terminates what does not stop, and the exit code is 1', async () => {
  const { code, stderr } = await run((lifecycle) => void lifecycle.fork('deaf', (own) => untilAborted(own.signal)), {
    signals: ['SIGINT', 'SIGINT'],
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/info {2}SIGINT: terminating\n/);
  expect(stderr).toMatch(/error the deployment was terminated: .*\n/);
});

test('what has not ended when the drain is over is terminated, and the exit code is 1', async () => {
  const { code, stderr } = await run((lifecycle) => void lifecycle.fork('deaf', (own) => untilAborted(own.signal)), {
    args: ['--drain-timeout', '0.01'],
    signals: ['SIGTERM'],
  });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/warn {2}deployment\/worker\S* did not end in time/)]);
});

test('a component that fails later ends the program with 1, and is told of once', async () => {
  const { code, stderr } = await run((lifecycle) => {
    lifecycle.fork('later', () => Promise.reject(new Error('out of paper')), { onFailure: 'fail' });
    lifecycle.fork('wait', (own) => untilAborted(own.grace));
  });
  expect(code).toBe(1);
  expect(stderr.match(/out of paper/g)).toHaveLength(1);
});

test('a wrong variable of telemetry is refused before anything starts', async () => {
  const { code, stderr } = await run(() => expect.unreachable(), { env: { OTEL_TRACES_EXPORTER: 'nonsense' } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error TW_TELEMETRY_SETUP: OTEL_TRACES_EXPORTER/m);
});
