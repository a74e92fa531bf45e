import { isTracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { memoryTransport } from '../component/memory/memory-transport.ts';
import type {
  Delivery,
  MessageSource,
  SubscribeOptions,
  Transport,
  TransportCapabilities,
  TransportConnection,
} from '../component/transport.ts';
import { fakeClock } from './fake-clock.ts';
import { transportContract } from './transport-contract.ts';
import type { ContractCase, TransportUnderTest } from './transport-contract/contract-case.ts';

/** What a broken transport does differently; all else is done by the memory transport. */
interface Fault {
  readonly system?: string;
  connect?(inner: Transport, options: Parameters<Transport['connect']>[0]): Promise<TransportConnection>;
  publish?(inner: TransportConnection, ...args: Parameters<TransportConnection['publish']>): Promise<void>;
  subscribe?(inner: TransportConnection, ...args: Parameters<TransportConnection['subscribe']>): Promise<MessageSource>;
  closeConnection?(inner: TransportConnection): Promise<void>;
  receive?(inner: MessageSource, ...args: Parameters<MessageSource['receive']>): Promise<readonly Delivery[]>;
  closeSource?(inner: MessageSource, held: ReadonlySet<Delivery>): Promise<void>;
  delivery?(inner: Delivery): Partial<Delivery>;
}

const { capabilities } = memoryTransport();

function brokenTransport(inner: Transport, fault: Fault): Transport {
  return {
    system: fault.system ?? inner.system,
    capabilities: inner.capabilities,
    connect: async (options) => brokenConnection(await (fault.connect?.(inner, options) ?? inner.connect(options)), fault),
  };
}

function brokenConnection(inner: TransportConnection, fault: Fault): TransportConnection {
  return {
    publish: (...args) => fault.publish?.(inner, ...args) ?? inner.publish(...args),
    subscribe: async (...args) => brokenSource(await (fault.subscribe?.(inner, ...args) ?? inner.subscribe(...args)), fault),
    close: () => fault.closeConnection?.(inner) ?? inner.close(),
  };
}

function brokenSource(inner: MessageSource, fault: Fault): MessageSource {
  const held = new Set<Delivery>();
  return {
    async receive(...args) {
      const received = await (fault.receive?.(inner, ...args) ?? inner.receive(...args));
      for (const delivery of received) held.add(delivery);
      return received.map((delivery) => brokenDelivery(delivery, fault));
    },
    close: () => fault.closeSource?.(inner, held) ?? inner.close(),
  };
}

function brokenDelivery(inner: Delivery, fault: Fault): Delivery {
  const { id, key, body, headers, attempt, publishedAt } = inner;
  const parts = { id, key, body, headers, attempt, publishedAt };
  const acts = { ack: () => inner.ack(), retry: (delayMs: number) => inner.retry(delayMs), extend: () => inner.extend() };
  return { ...parts, ...acts, ...fault.delivery?.(inner) };
}

function casesOf(fault: Fault, declared: Partial<TransportCapabilities> = {}): readonly ContractCase[] {
  const setUp = async (): Promise<TransportUnderTest> => {
    const clock = fakeClock();
    let destinations = 0;
    return {
      transport: brokenTransport(memoryTransport({ clock, ackTimeoutMs: 8000 }), fault),
      destination: () => `destination-${(destinations += 1)}`,
      advance: (ms) => clock.advance(ms),
      dispose: async () => undefined,
    };
  };
  return transportContract(setUp, { capabilities: { ...capabilities, ...declared }, redeliveryMs: 8000, patienceMs: 1000 });
}

/** The promises that the contract finds broken. */
async function brokenBy(fault: Fault): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { title, run } of casesOf(fault)) {
    await run().catch(() => found.push(title));
  }
  return found.toSorted();
}

const never = new AbortController().signal;

const arrivesWhole = 'a message that is published after subscribing arrives with its id, key, body and headers, as a first attempt';

const latin = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

function nothingWhenAborted(signal: AbortSignal): Promise<readonly Delivery[]> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve([]), { once: true }));
}

function resubscribed(change: Partial<SubscribeOptions>): Fault {
  return { subscribe: (inner, destination, options) => inner.subscribe(destination, { ...options, ...change }) };
}

/** An acknowledgement that is taken back by a later retry. */
function takenBack(inner: Delivery): Partial<Delivery> {
  let isAcknowledged = false;
  return {
    async ack() {
      isAcknowledged = true;
    },
    retry: (delayMs) => inner.retry(isAcknowledged ? 0 : delayMs),
  };
}

function withoutKeys(): Fault {
  const keys = new Map<string, string | undefined>();
  return {
    publish: (inner, destination, ...[message, signal]) => {
      keys.set(message.id, message.key);
      return inner.publish(destination, { ...message, key: undefined }, signal);
    },
    delivery: ({ id }) => ({ key: keys.get(id) }),
  };
}

function onlyWhileSubscribed(): Fault {
  let open = 0;
  return {
    subscribe: (inner, ...args) => {
      open += 1;
      return inner.subscribe(...args);
    },
    publish: (inner, ...args) => (open === 0 ? Promise.resolve() : inner.publish(...args)),
    closeConnection: (inner) => {
      open = 0;
      return inner.close();
    },
  };
}

function sharedConnection(): Fault {
  const shared = new WeakMap<Transport, Promise<TransportConnection>>();
  return {
    connect(inner, options) {
      const connection = shared.get(inner) ?? inner.connect(options);
      shared.set(inner, connection);
      return connection;
    },
  };
}

test('the contract finds nothing broken in the memory transport', async () => {
  expect(await brokenBy({})).toEqual([]);
});

/** What is broken, how, and the case that has to find it; others may find it, too. */
const faults: readonly (readonly [what: string, fault: () => Fault, title: string])[] = [
  [
    'a message that is lost by an abort',
    () => ({
      receive: async (inner, max, signal) => {
        if (signal.aborted) return [];
        return Promise.race([inner.receive(max, never), nothingWhenAborted(signal)]);
      },
    }),
    'a receive that is aborted while it waits gives nothing, and the next message goes to the receive after it',
  ],
  [
    'a message that is swallowed in the moment of the abort',
    () => ({
      receive: async (inner, max, signal) => {
        const received = await inner.receive(max, signal);
        return signal.aborted ? [] : received;
      },
    }),
    'a message that comes in the moment of the abort is given once, to that receive or to the next',
  ],
  [
    'an aborted receive that takes messages',
    () => ({ receive: (inner, max, signal) => inner.receive(max, signal.aborted ? never : signal) }),
    'a receive whose signal has aborted before gives nothing, and takes nothing away',
  ],
  [
    'a prefetch that is not kept',
    () => resubscribed({ prefetch: 1000 }),
    'a consumer never holds more unsettled messages than its prefetch, and gets the next one when it settles one',
  ],
  [
    'giving more messages than were asked for',
    () => ({ receive: (inner, _max, signal) => inner.receive(1000, signal) }),
    'receive gives at most as many messages as were asked for',
  ],
  ['losing headers', () => ({ delivery: () => ({ headers: {} }) }), arrivesWhole],
  [
    'keeping one byte of each character of a header',
    () => ({
      delivery: ({ headers }) => ({ headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, latin(value)])) }),
    }),
    arrivesWhole,
  ],
  ['losing keys', () => ({ delivery: () => ({ key: undefined }) }), arrivesWhole],
  ['inventing keys', () => ({ delivery: ({ key = '' }) => ({ key }) }), 'a message without key and headers arrives without them'],
  ['attempts that are not counted', () => ({ delivery: () => ({ attempt: 1 }) }), 'the attempt of a message counts its retries'],
  [
    'attempts that are counted by each member for itself',
    () => ({ delivery: ({ attempt }) => ({ attempt: Math.min(attempt, 2) }) }),
    'the attempt of a message counts its deliveries, also when they go to different members',
  ],
  [
    'delivering again what was acknowledged',
    () => ({ delivery: (inner) => ({ ack: () => inner.retry(0) }) }),
    'an acknowledged message never comes again, neither to its member nor to one that joins later',
  ],
  [
    'delivering again after the deadline what was acknowledged',
    () => ({ delivery: () => ({ ack: async () => undefined }) }),
    'an acknowledged message never comes again, neither to its member nor to one that joins later',
  ],
  [
    'a retry that forgets its delay',
    () => ({ delivery: (inner) => ({ retry: () => inner.retry(0) }) }),
    'a message that is to be retried after a delay does not come before, and its consumer gets others meanwhile',
  ],
  [
    'a retry that loses the message',
    () => ({ delivery: (inner) => ({ retry: () => inner.ack() }) }),
    'a message that is to be retried comes again, the same in all its parts',
  ],
  ['an acknowledgement that a later retry takes back', () => ({ delivery: takenBack }), 'settling a message again changes nothing'],
  [
    'an extension that does nothing',
    () => ({ delivery: () => ({ extend: async () => undefined }) }),
    'extend postpones the broker’s deadline',
  ],
  [
    'losing what is unsettled when its consumer closes',
    () => ({
      closeSource: async (inner, held) => {
        for (const delivery of held) await delivery.ack();
        await inner.close();
      },
    }),
    'what is unsettled when a consumer closes comes again to another member of its group',
  ],
  ['groups that share what each should get', () => resubscribed({ group: 'all' }), 'each group gets every message'],
  [
    'members that each get every message',
    () => {
      let members = 0;
      return {
        subscribe: (inner, destination, options) => inner.subscribe(destination, { ...options, group: `group-${(members += 1)}` }),
      };
    },
    'the members of a group share its messages: each reaches one of them',
  ],
  [
    'messages of one key at several members',
    withoutKeys,
    'messages with one key reach one member at a time, in the order in which they were published',
  ],
  [
    'messages that pass one another',
    () => ({ ...withoutKeys(), receive: async (inner, max, signal) => (await inner.receive(max, signal)).toReversed() }),
    'two hundred messages with one key arrive in their order, each of them once',
  ],
  ['losing what nobody waits for', onlyWhileSubscribed, 'what is published before anybody subscribes reaches the first group'],
  [
    'losing what comes while all are away',
    onlyWhileSubscribed,
    'what is published while no member of a group is there waits for the one that comes back',
  ],
  [
    'bodies that are not copied',
    () => {
      const bodies = new Map<string, Uint8Array>();
      return {
        publish: (inner, ...args) => {
          bodies.set(args[1].id, args[1].body);
          return inner.publish(...args);
        },
        delivery: ({ id, body }) => ({ body: bodies.get(id) ?? body }),
      };
    },
    'what the sender does to a message after it was published, and one group to what it got, changes nothing for others',
  ],
  [
    'the whole of a buffer for a part of it',
    () => ({
      publish: (inner, destination, ...[message, signal]) =>
        inner.publish(destination, { ...message, body: new Uint8Array(message.body.buffer) }, signal),
    }),
    'a body of all byte values arrives byte by byte, also from the middle of a larger buffer',
  ],
  [
    'a time that is not that of publishing',
    () => ({ delivery: () => ({ publishedAt: Date.UTC(2026, 0, 1) }) }),
    'the time of a message is that of its publishing, in milliseconds since the epoch, where the broker says one',
  ],
  [
    'refusing with any other error',
    () => ({
      publish: (inner, ...args) =>
        inner.publish(...args).catch(() => {
          throw new Error('socket closed');
        }),
    }),
    'a closed connection refuses to publish and to subscribe with TW_TRANSPORT',
  ],
  [
    'a close that never comes to its end',
    () => ({ closeSource: () => new Promise(() => undefined) }),
    'a source and a connection can be closed twice',
  ],
  ['a connection that is shared, so that closing one closes all', sharedConnection, 'closing one connection leaves another working'],
];

test.each(faults)('the contract finds %s', async (_what, fault, title) => {
  expect(await brokenBy(fault())).toContain(title);
});

test('every case can fail: each is broken by one of a few transports that do nearly nothing', async () => {
  const mute: Fault = {
    receive: (_inner, _max, signal) => nothingWhenAborted(signal),
  };
  const stuck: Fault = { closeSource: () => new Promise(() => undefined) };
  const careless: Fault = {
    system: 'No Name',
    connect: (inner, options) => inner.connect({ ...options, signal: never }),
    closeConnection: async () => undefined,
  };
  const found = new Set<string>();
  for (const fault of [mute, stuck, careless]) for (const title of await brokenBy(fault)) found.add(title);
  expect(casesOf({}).flatMap(({ title }) => (found.has(title) ? [] : [title]))).toEqual([]);
});

test('what a transport does not promise is not asked of it', () => {
  const nothing = Object.fromEntries(Object.keys(capabilities).map((name) => [name, false]));
  const asked = new Set(casesOf({}, nothing).map(({ title }) => title));
  const left = casesOf({}).flatMap(({ title }) => (asked.has(title) ? [] : [title]));
  expect(left).toMatchInlineSnapshot(`
    [
      "what is published before anybody subscribes reaches the first group",
      "what is published while no member of a group is there waits for the one that comes back",
      "messages with one key reach one member at a time, in the order in which they were published",
      "the attempt of a message counts its deliveries, also when they go to different members",
      "the attempt of a message counts its retries",
      "a message that is to be retried after a delay does not come before, and its consumer gets others meanwhile",
      "what is unsettled when a consumer closes comes again to another member of its group",
      "what nobody settles comes again after the broker’s deadline, and not before",
      "extend postpones the broker’s deadline",
    ]
  `);
});

test('titles are there once', () => {
  const titles = casesOf({}).map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});

test('a transport that declares other than it was announced to breaks every case', async () => {
  const cases = casesOf({}, { keyOrder: false });
  const outcomes = await Promise.all(cases.map(({ run }) => run().catch((error: unknown) => error)));
  expect(outcomes.filter((outcome) => outcome === undefined)).toEqual([]);
  expect(String(outcomes[0])).toContain('the transport declares other capabilities');
});

test('a case disposes of what it was given, also when it fails', async () => {
  let disposed = 0;
  const setUp = async (): Promise<TransportUnderTest> => {
    const clock = fakeClock();
    return {
      transport: brokenTransport(memoryTransport({ clock }), { delivery: () => ({ headers: { wrong: 'yes' } }) }),
      destination: () => 'orders',
      advance: (ms) => clock.advance(ms),
      dispose: async () => void (disposed += 1),
    };
  };
  const cases = transportContract(setUp, { capabilities, redeliveryMs: 30_000 });
  const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
  expect(disposed).toBe(cases.length);
});

test('terms that leave a promise unchecked are refused', () => {
  const setUp = (): Promise<TransportUnderTest> => Promise.reject(new Error('is not called'));
  const messageOf = (terms: object): unknown => {
    try {
      return transportContract(setUp, terms as Parameters<typeof transportContract>[1]).length; // Wrong on purpose.
    } catch (error) {
      return isTracewrightError(error, 'TW_BAD_OPTION') ? error.message : error;
    }
  };
  expect([messageOf({ capabilities }), messageOf({ capabilities, redeliveryMs: -1 }), messageOf({}), messageOf({ patience: 1 })]).toEqual([
    'terms.redeliveryMs must be given where the transport can extend it, received undefined',
    'terms.redeliveryMs must be a positive, finite number, received -1',
    'terms.capabilities must be a plain object, received undefined',
    'terms.patience is not an option: there are capabilities, redeliveryMs, patienceMs',
  ]);
});
