import { SpanKind } from '@opentelemetry/api';
import { nats } from 'tracewright/nats';
import { NatsServer } from '../nats-server.ts';
import type { RunComparison } from './compare-runs.ts';
import { published, subscribed } from './deployed.ts';
import { plainCallback, plainLoop, publishWithSpan, withSpan } from './nats-floors.ts';
import { openNatsBench, received, sent } from './nats-streams.ts';
import { meteredSdk } from './sdk-for-messages.ts';

/** Enough that confirmations overlap: each takes the time of a round trip. */
const concurrency = 64;
/** The same for all, and as much as the client does best with. */
const prefetch = 1000;
const subscription = 'link.subscribe';
const bareSpan = 'nats.js callback, one bare span, confirmed acks';
const plain = 'nats.js for await, no span';
const most = 'nats.js callback, no span';
const linkPublish = 'link.publish';
const barePublish = 'nats.js publish, one bare span';

/**
 * Row 8: messages over NATS JetStream, with a server of its own. Received: each run reads the same messages, which nats.js has sent with a `traceparent`, by a new
 * consumer. Sent: each publication waits for its confirmation. The goals are against loops without a span and without confirmed acknowledgements, which do less.
 */
export async function messagesOverNats(total: number): Promise<RunComparison[]> {
  const server = new NatsServer();
  await server.start();
  const bench = await openNatsBench(server.url, total);
  const loop = { bench, total, concurrency, prefetch };
  const transport = nats({ servers: server.url });
  const consumers = meteredSdk(SpanKind.CONSUMER);
  const producers = meteredSdk(SpanKind.PRODUCER);
  const common = { transport, total, concurrency };
  return [
    {
      title: 'messages over NATS, received',
      variants: {
        [most]: () => plainCallback(loop),
        [plain]: () => plainLoop(loop),
        [bareSpan]: () => withSpan(loop, consumers),
        [subscription]: () => subscribed({ ...common, ...consumers, destination: received }, consumers.processor, prefetch),
      },
      ratios: [
        { figure: '8', of: subscription, to: bareSpan },
        { figure: '8 to callback', of: subscription, to: most },
        { figure: '8 to for await', of: subscription, to: plain },
      ],
    },
    {
      title: 'messages over NATS, sent',
      variants: {
        [barePublish]: () => publishWithSpan(loop, producers),
        [linkPublish]: () => published({ ...common, ...producers, destination: sent }, producers.processor),
      },
      ratios: [{ figure: '8 sent', of: linkPublish, to: barePublish }],
    },
  ];
}
