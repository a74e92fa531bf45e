import type { Lifecycle } from 'tracewright';
import { defineComponent, joinReplicaSet, type ReplicaSetOptions, type ReplicaStatus, type Transport } from 'tracewright/component';
import { fakeClock, recordTraces, testTransport } from 'tracewright/testing';
import { z } from 'zod';

const tillOptions = z.object({
  fails: z.boolean().default(false),
  /** How long it takes to start. */
  startMs: z.number().default(0),
  /** How long its cleanup takes. */
  endMs: z.number().default(0),
});

function untilGrace({ grace }: Lifecycle): Promise<void> {
  return new Promise((resolve) => {
    if (grace.aborted) resolve();
    else grace.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A replica on a broker that a test speaks to, with components `till` and `cook`. */
export async function replicaKit(more: Partial<ReplicaSetOptions> = {}, wrap: (transport: Transport) => Transport = (own) => own) {
  const traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const broker = testTransport({ clock });
  const tills: Lifecycle[] = [];
  const till = defineComponent({
    name: 'till',
    options: tillOptions,
    async bootstrap(l, _link, { fails, startMs, endMs }) {
      tills.push(l);
      if (endMs > 0) l.defer(() => clock.sleep(endMs));
      if (startMs > 0) await clock.sleep(startMs, { signal: l.signal });
      if (fails) throw new Error('no drawer');
      l.fork('stay', untilGrace);
    },
  });
  const cook = defineComponent({ name: 'cook', bootstrap: (l) => void l.fork('stay', untilGrace) });
  const transport = wrap(broker);
  const member = await joinReplicaSet({ name: 'set', replica: 'one', runtime, components: [till, cook], transport, ...more });
  const statuses = (): readonly ReplicaStatus[] => broker.sent('tracewright.status').map(({ payload }) => payload as ReplicaStatus); // What a replica publishes.
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 10) await clock.advance(10);
  };
  let told = 0;
  return {
    traces,
    clock,
    runtime,
    broker,
    member,
    tills,
    statuses,
    pass,
    order: (given: unknown, id: string) => broker.send('tracewright.control', given, { key: 'shop', id }),
    /** What was told since the last time: kind, revision or identifier, which order it answers. */
    heard: () => {
      const all = statuses();
      const fresh = all.slice(told);
      told = all.length;
      return fresh.map(({ kind, footprint, inReplyTo }) =>
        [kind, footprint?.revision ?? footprint?.identifier, inReplyTo].filter(Boolean).join(' '),
      );
    },
    stop: async () => {
      const stopped = member.stop();
      await pass(60_000);
      await stopped;
    },
    [Symbol.dispose]: () => traces[Symbol.dispose](),
  };
}

export const shop = (revision: number, ...allocations: readonly object[]): object => ({
  identifier: 'shop',
  revision,
  name: 'shop',
  allocations,
});

export const till = (options?: z.input<typeof tillOptions>): object =>
  options === undefined ? { component: 'till' } : { component: 'till', options };
