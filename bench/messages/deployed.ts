import type { Runtime } from 'tracewright';
import { type Component, defineComponent, deploy, type Transport } from 'tracewright/component';
import { numbered } from '../numbered.ts';
import { Meter, type Cost, type MeteringProcessor } from './meter.ts';

/** What messages are sent and handled with. */
export interface Deployed {
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly destination: string;
  readonly total: number;
  /** How many messages are handled or sent at the same time. */
  readonly concurrency: number;
}

let deployments = 0;

/** Handles messages that wait in the destination, by a subscription. A group of its own finds all of them. */
export async function subscribed(given: Deployed, processor: MeteringProcessor, prefetch: number): Promise<Cost> {
  const meter = new Meter(given.total);
  processor.meter = meter;
  let sum = 0;
  const sink = defineComponent({
    name: 'bench',
    interests: { numbers: numbered },
    bootstrap(_l, link) {
      const handle = async ({ payload }: { readonly payload: { readonly n: number } }): Promise<void> => {
        meter.begun();
        sum += payload.n;
      };
      link.subscribe('numbers', handle, { concurrency: given.concurrency, prefetch });
    },
  });
  const end = await start(sink, given);
  const cost = await meter.done;
  await end();
  return requireAll(cost, sum, given.total);
}

/** Sends messages by a link. */
export async function published(given: Deployed, processor: MeteringProcessor): Promise<Cost> {
  const meter = new Meter(given.total);
  processor.meter = meter;
  const source = defineComponent({
    name: 'bench',
    aspects: { numbers: numbered },
    bootstrap(l, link) {
      let next = 0;
      for (let sender = 0; sender < given.concurrency; sender += 1) {
        l.fork(`send ${sender}`, async () => {
          meter.begun();
          while (next < given.total) await link.publish('numbers', { n: next++ });
        });
      }
    },
  });
  const end = await start(source, given);
  const cost = await meter.done;
  await end();
  return cost;
}

async function start(component: Component, { runtime, transport, destination }: Deployed): Promise<() => Promise<void>> {
  deployments += 1;
  const allocations = [{ component: component.name, bindings: { numbers: destination } }];
  const footprint = { identifier: `bench-${deployments}`, revision: 1, allocations };
  const deployment = await deploy(footprint, { runtime, components: [component], transport });
  await deployment.ready;
  return async () => {
    await deployment.stop();
    await deployment.done;
  };
}

/** A figure for messages of which some were lost, or came twice, would be of something else. */
export function requireAll(cost: Cost, sum: number, total: number): Cost {
  if (sum !== (total * (total - 1)) / 2) throw new RangeError('a message was lost or came twice while it was measured');
  return cost;
}
