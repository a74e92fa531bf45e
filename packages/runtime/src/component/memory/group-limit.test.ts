import { fakeClock } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { memoryTransport } from './memory-transport.ts';

const { signal } = new AbortController();

test('a group takes no more than so many messages that are not acknowledged; then none gets any, until there is room', async () => {
  const connection = await memoryTransport({ clock: fakeClock(), maxUnsettled: 2 }).connect({ clientName: 'test', signal });
  const slow = await connection.subscribe('orders', { group: 'slow', prefetch: 10, signal });
  const quick = await connection.subscribe('orders', { group: 'quick', prefetch: 10, signal });
  const send = (id: string): Promise<void> => connection.publish('orders', { id, body: new Uint8Array(), headers: {} }, signal);
  await send('a');
  await send('b');
  for (const delivery of await quick.receive(10, signal)) await delivery.ack();
  await expect(send('c')).rejects.toMatchObject({
    code: 'TW_TRANSPORT',
    message: 'the group "slow" of destination "orders" has 2 messages already that are not acknowledged (maxUnsettled)',
    data: { destination: 'orders', group: 'slow', maxUnsettled: 2 },
  });
  const [first] = await slow.receive(1, signal);
  await first?.retry(0);
  await expect(send('c')).rejects.toMatchObject({ code: 'TW_TRANSPORT' });
  const [again] = await slow.receive(1, signal);
  await again?.ack();
  await again?.ack();
  await send('d');
  const received = await quick.receive(10, signal);
  expect(received.map(({ id }) => id)).toEqual(['d']);
});
