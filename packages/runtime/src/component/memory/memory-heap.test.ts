import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { fakeClock } from '../../testing/index.ts';
import type { MessageSource, TransportConnection } from '../transport.ts';
import { memoryTransport } from './memory-transport.ts';

/** What stands for one message is more than 100 bytes: kept for 100,000 of them, it would be 10 MB. */
const allowedGrowthBytes = 2 * 1024 * 1024;

/** Heap in use, after a collection that is certain also where the process was not started with `--expose-gc`. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

interface Line {
  readonly connection: TransportConnection;
  readonly source: MessageSource;
  readonly stop: AbortController;
  readonly send: (id: string, key?: string) => Promise<void>;
}

async function openLine(): Promise<Line> {
  const stop = new AbortController();
  const connection = await memoryTransport({ clock: fakeClock() }).connect({ clientName: 'test', signal: stop.signal });
  const source = await connection.subscribe('orders', { group: 'readers', prefetch: 10, signal: stop.signal });
  const send = (id: string, key?: string): Promise<void> =>
    connection.publish('orders', { id, key, body: new Uint8Array(8), headers: {} }, stop.signal);
  return { connection, source, stop, send };
}

test('two hundred thousand messages through one subscription leave no listener and no heap behind', async () => {
  const { source, send, stop } = await openLine();
  /** Each way that a message can go: to one who waits and to one who asks later, with keys and without, tried again and not. */
  const pass = async (index: number): Promise<void> => {
    const waiting = index % 2 === 0 ? source.receive(1, stop.signal) : undefined;
    await send('message', index % 3 === 0 ? `key ${index}` : undefined);
    const [delivery] = await (waiting ?? source.receive(1, stop.signal));
    if (index % 10 !== 0) return delivery?.ack();
    await delivery?.retry(0);
    const [again] = await source.receive(1, stop.signal);
    await again?.ack();
  };
  for (let index = 0; index < 10_000; index += 1) await pass(index);
  const before = heapUsed();
  for (let index = 0; index < 200_000; index += 1) await pass(index);
  expect(heapUsed() - before).toBeLessThan(allowedGrowthBytes);
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
}, 120_000);

test('a delivery that somebody keeps does not keep the later messages of its key', async () => {
  const { source, send, stop } = await openLine();
  await send('kept', 'key');
  const [kept] = await source.receive(1, stop.signal);
  const pass = async (): Promise<void> => {
    const [delivery] = await source.receive(1, stop.signal);
    // There is always one behind: the line of the key never breaks off.
    await send('later', 'key');
    await delivery?.ack();
  };
  await send('later', 'key');
  await kept?.ack();
  for (let index = 0; index < 5000; index += 1) await pass();
  const before = heapUsed();
  for (let index = 0; index < 100_000; index += 1) await pass();
  expect(heapUsed() - before).toBeLessThan(allowedGrowthBytes);
  expect(kept?.id).toBe('kept');
}, 120_000);

test('sources that come and go leave nothing with their connection and their group', async () => {
  const { connection, stop } = await openLine();
  const pass = async (): Promise<void> => {
    const source = await connection.subscribe('orders', { group: 'guests', prefetch: 1, signal: stop.signal });
    await source.close();
  };
  for (let index = 0; index < 5000; index += 1) await pass();
  const before = heapUsed();
  for (let index = 0; index < 100_000; index += 1) await pass();
  expect(heapUsed() - before).toBeLessThan(allowedGrowthBytes);
}, 120_000);
