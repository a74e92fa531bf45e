import { EventEmitter } from 'node:events';
import { defineComponent, main, orders, statuses } from 'tracewright/component';
import { testTransport } from 'tracewright/testing';
import { expect, test } from 'vitest';

const worker = defineComponent({
  name: 'worker',
  interests: { jobs: orders },
  bootstrap: (_l, link) => void link.subscribe('jobs', () => undefined),
});

/** Runs a replica; once it is up it gets an order, and once that is carried out, a signal. */
async function run(...args: readonly string[]) {
  const broker = testTransport();
  const source = new EventEmitter();
  let stderr = '';
  const write = (chunk: string): void => {
    stderr += chunk;
    if (chunk.includes('all components are up'))
      void broker.send('tracewright.control', 'identifier: shop\nrevision: 1\nallocations: [{ component: worker }]', { key: 'shop' });
  };
  const wait = setInterval(() => {
    if (told().includes('ready')) source.emit('SIGTERM', 'SIGTERM');
  }, 5);
  const told = (): string[] => broker.sent('tracewright.status').map(({ payload }) => (payload as { kind: string }).kind); // What a replica publishes.
  const before = process.exitCode;
  try {
    const argv = ['node', 'x', '--transport', 'test:', ...args];
    await main({ components: [worker], transports: { test: () => broker }, argv, env: {}, stderr: { write }, process: source });
    return { code: process.exitCode, stderr, told: told() };
  } finally {
    clearInterval(wait);
    process.exitCode = before;
  }
}

test('a program may take its footprints from a topic, until it is asked to stop', async () => {
  const { code, stderr, told } = await run('--replica-set', 'workers');
  expect([code, told]).toEqual([0, ['joined', 'accepted', 'ready', 'stopped', 'left']]);
  expect(stderr).toMatch(/info {2}a replica of workers is starting {2}components=worker/);
  expect(stderr).toMatch(/info {2}the end: stopped {2}exit=0/);
});

test.each([
  [['--replica-set', 'workers', 'shop.yaml'], '--replica-set must be given without a footprint'],
  [['--replica-set', 'workers', '--dry-run'], '--replica-set must be given without --dry-run'],
  [['--replica-set', 'a/b'], "--replica-set must be a name without '/'"],
  [['--control', 'orders'], '--replica-set must be given where --control is'],
])('%j is wrong usage', async (args, message) => {
  const { code, stderr } = await run(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('what it tells is what the contract says', () => {
  expect(statuses['~standard'].validate({ kind: 'ready' })).toMatchObject({ issues: [{ message: 'expected a status of a replica' }] });
});
