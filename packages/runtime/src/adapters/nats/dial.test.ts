import { createServer, type Server, type Socket } from 'node:net';
import { isTracewrightError } from 'tracewright';
import { nats } from 'tracewright/nats';
import { expect, test } from 'vitest';

const { signal } = new AbortController();

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return `nats://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

test('an address where no server is gives TW_TRANSPORT that names it', async () => {
  const nobody = createServer();
  const url = await listen(nobody);
  await new Promise((resolve) => nobody.close(resolve));
  const error = await failure(nats({ servers: url }).connect({ clientName: 'test', signal }));
  expect(isTracewrightError(error, 'TW_TRANSPORT') && error.data).toEqual({ system: 'nats', servers: [url] });
  expect(error.message).toMatch(/cannot be reached .*: check the address/);
});

test('an attempt to connect to a server that says nothing ends with the reason of the signal, or after its time', async () => {
  const silent = createServer();
  const accepted = new Promise<Socket>((resolve) => silent.once('connection', resolve));
  const transport = nats({ servers: await listen(silent), connectTimeoutMs: 300 });
  const stop = new AbortController();
  const aborted = transport.connect({ clientName: 'test', signal: stop.signal });
  const late = failure(transport.connect({ clientName: 'test', signal }));
  const reason = new Error('enough');
  silent.on('connection', (socket) => void socket.on('error', () => undefined));
  const first = await accepted;
  stop.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  expect(isTracewrightError(await late, 'TW_TRANSPORT')).toBe(true);
  first.destroy();
  silent.close();
});
