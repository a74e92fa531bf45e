import { expect, test } from 'vitest';
import { answer } from './fake-consumer.test-kit.ts';
import { RenewedClient } from './renewed-client.ts';

class Client {
  readonly log: string[];
  readonly name: string;

  constructor(log: string[], name: string) {
    this.log = log;
    this.name = name;
  }

  async connect(): Promise<void> {
    this.log.push(`${this.name} connects`);
  }

  async disconnect(): Promise<void> {
    this.log.push(`${this.name} disconnects`);
  }
}

function renewed(): { readonly clients: RenewedClient<Client>; readonly log: string[] } {
  const log: string[] = [];
  let count = 0;
  return { clients: new RenewedClient(() => new Client(log, `client ${(count += 1)}`)), log };
}

const nameOf = async ({ name }: Client): Promise<string> => name;

test('several who need a client at once share one', async () => {
  const { clients, log } = renewed();
  expect(await Promise.all([clients.use(nameOf), clients.use(nameOf)])).toEqual(['client 1', 'client 1']);
  await clients.close();
  expect(log).toEqual(['client 1 connects', 'client 1 disconnects']);
});

test('a client that has failed without an answer of a broker is replaced, and disconnected when nobody uses it any more', async () => {
  const { clients, log } = renewed();
  let end: () => void = () => undefined;
  const slow = clients.use(() => new Promise<void>((resolve) => (end = resolve)));
  await expect(clients.use(() => Promise.reject(new Error('Broker not connected')))).rejects.toThrow('Broker not connected');
  expect(await clients.use(nameOf)).toBe('client 2');
  expect(log).toEqual(['client 1 connects', 'client 2 connects']);
  end();
  await slow;
  expect(log.at(-1)).toBe('client 1 disconnects');
});

test.each([
  ['an answer', answer('MESSAGE_TOO_LARGE')],
  ['an answer that is wrapped', new Error('no', { cause: answer('MESSAGE_TOO_LARGE') })],
  ['one of several answers', Object.assign(new Error('no'), { errors: [answer('TOPIC_AUTHORIZATION_FAILED')] })],
])('a client that was refused by %s is kept', async (_what, refusal) => {
  const { clients } = renewed();
  await expect(clients.use(() => Promise.reject(refusal))).rejects.toBe(refusal);
  expect(await clients.use(nameOf)).toBe('client 1');
});

test('a client that cannot connect is replaced', async () => {
  const log: string[] = [];
  const failing = Object.assign(new Client(log, 'failing'), { connect: (): Promise<void> => Promise.reject(new Error('refused')) });
  const made = [failing, new Client(log, 'working')];
  const clients = new RenewedClient(() => made.shift() ?? failing);
  await expect(clients.use(nameOf)).rejects.toThrow('refused');
  expect(log).toEqual(['failing disconnects']);
  expect(await clients.use(nameOf)).toBe('working');
});
