import { buildTraces, renderTraces, type SpanRecord, type Trace } from '@tracewright/check';

const shown = ['messaging.message.id', 'messaging.batch.message_count', 'tracewright.attempt', 'tracewright.settled'];

/**
 * The traces as text. Customers are served side by side, and who comes first is a matter of chance: so it is sorted by customers here. What happens to one
 * customer stays as it came, as that has an order.
 */
export function traceText(spans: readonly SpanRecord[]): string {
  const chapters = new Map<string, Trace[]>();
  // A sort keeps the order of what is equal: here, of the messages of one customer.
  for (const trace of buildTraces(spans).toSorted((one, other) => nameOf(one).localeCompare(nameOf(other), 'en'))) {
    const chapter = chapterOf(trace);
    chapters.set(chapter, [...(chapters.get(chapter) ?? []), trace]);
  }
  return [...chapters]
    .toSorted(([one], [other]) => one.localeCompare(other, 'en'))
    .map(([chapter, traces]) => `## ${chapter}\n\n${renderTraces(traces, { attributes: shown })}\n`)
    .join('\n');
}

/** Their numbers are their order. */
function chapterOf(trace: Trace): string {
  switch (nameOf(trace)) {
    case 'take orders':
      return '2 Customers order';
    case 'process shop.orders':
      return `3 The till serves ${customerOf(trace)}`;
    case 'process shop.orders.dead':
      return '4 The undertaker reads what the till has given up';
    case 'process receipts':
      return '5 The ledger books receipts';
    default:
      return '1 The shop opens';
  }
}

function nameOf({ roots: [root] }: Trace): string {
  return root?.span.name ?? '';
}

/** Ids of orders begin with it. */
function customerOf({ roots: [root] }: Trace): string {
  return String(root?.span.attributes['messaging.message.id']).replace(/-\d+$/, '');
}
