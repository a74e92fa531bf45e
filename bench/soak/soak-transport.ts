import { memoryTransport, type Transport } from 'tracewright/component';
import { nats } from 'tracewright/nats';
import { NatsServer } from '../nats-server.ts';
import type { SoakOptions } from './soak-options.ts';

export interface SoakTransport {
  readonly transport: Transport;
  /** How many publications are on their way at once: over a network each waits for its confirmation. */
  readonly senders: number;
  readonly dispose: () => Promise<void>;
}

/** Far more than are ever under way. What has been handled need not fill the disk. */
const keptMessages = 100_000;

/** Opens what the messages go over; for `nats` that is a server of its own. */
export async function openTransport(name: SoakOptions['transport']): Promise<SoakTransport> {
  if (name === 'memory') return { transport: memoryTransport(), senders: 1, dispose: () => Promise.resolve() };
  const server = new NatsServer();
  await server.start();
  const transport = nats({ servers: server.url, stream: { maxMessages: keptMessages } });
  return { transport, senders: 32, dispose: () => server.dispose() };
}
