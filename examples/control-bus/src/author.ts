import { type Component, defineComponent, orders, type ReplicaStatus, statuses } from 'tracewright/component';

/** What ends an order, one way or the other. */
const answers: ReadonlySet<ReplicaStatus['kind']> = new Set(['ready', 'refused', 'rolled_back', 'failed', 'stopped']);

/** Sends one order after the other, each when the one before has been answered. */
export function defineAuthor(texts: readonly string[], onStatus: (status: ReplicaStatus, isLast: boolean) => void): Component {
  return defineComponent({
    name: 'author',
    doc: 'Sends orders to the replicas, and hears what becomes of them.',
    aspects: { control: orders },
    interests: { status: statuses },
    bootstrap(lifecycle, link) {
      const rest = [...texts];
      const sendNext = async (): Promise<void> => {
        const text = rest.shift();
        if (text !== undefined) await link.publish('control', text, { key: 'teahouse' });
      };
      link.subscribe('status', async ({ payload }) => {
        const isAnswer = answers.has(payload.kind);
        onStatus(payload, isAnswer && rest.length === 0);
        if (isAnswer) await sendNext();
      });
      lifecycle.fork('begin', (begin) => begin.run('begin', sendNext));
    },
  });
}
