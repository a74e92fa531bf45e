import { createServer, type Server, type Socket } from 'node:net';
import { isTracewrightError } from 'tracewright';
import { kafka } from 'tracewright/kafka';
import { expect, test } from 'vitest';

const { signal } = new AbortController();

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

test('an address where no broker is gives TW_TRANSPORT that names it', async () => {
  const nobody = createServer();
  const broker = await listen(nobody);
  await new Promise((resolve) => nobody.close(resolve));
  const error = await failure(kafka({ brokers: broker }).connect({ clientName: 'test', signal }));
  expect(isTracewrightError(error, 'TW_TRANSPORT') && error.data).toEqual({ system: 'kafka', brokers: [broker] });
  expect(error.message).toMatch(/cannot be reached .*: check the addresses/);
});

test('an attempt to connect to a broker that says nothing ends with the reason of the signal, or after its time', async () => {
  const silent = createServer();
  const accepted = new Promise<Socket>((resolve) => silent.once('connection', resolve));
  const sockets = new Set<Socket>();
  silent.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  const transport = kafka({ brokers: await listen(silent), connectTimeoutMs: 300 });
  const stop = new AbortController();
  const aborted = transport.connect({ clientName: 'test', signal: stop.signal });
  const late = failure(transport.connect({ clientName: 'test', signal }));
  const reason = new Error('enough');
  await Promise.race([accepted, aborted.catch(() => undefined)]);
  stop.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  const error = await late;
  expect(isTracewrightError(error, 'TW_TRANSPORT')).toBe(true);
  expect(error.message).toContain('no answer in 300 ms');
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('a connection that nobody waits for any more is not made later', async () => {
  const opened: Socket[] = [];
  // The client tries again when it is refused.
  const refusing = createServer((socket) => void opened.push(socket.on('error', () => undefined)));
  const accepted = new Promise<Socket>((resolve) => refusing.once('connection', resolve));
  const transport = kafka({ brokers: await listen(refusing) });
  const stop = new AbortController();
  const connecting = transport.connect({ clientName: 'test', signal: stop.signal });
  const first = await Promise.race([accepted, connecting.then(() => accepted)]);
  stop.abort(new Error('enough'));
  await expect(connecting).rejects.toThrow('enough');
  await new Promise((resolve) => first.once('close', resolve).resume());
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(opened).toHaveLength(1);
  refusing.close();
});
