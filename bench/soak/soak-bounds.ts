import type { Bound } from './bounds.ts';
import type { SoakOptions } from './soak-options.ts';
import type { SpanCounter } from './span-counter.ts';
import type { Tally } from './tally.ts';

export interface SoakEnd {
  readonly tally: Pick<Tally, 'lost' | 'repeated' | 'unexplained'>;
  readonly counter: Pick<SpanCounter, 'open' | 'largestTrace' | 'mostTraces'>;
  /** Megabytes after each tenth, garbage collected. */
  readonly heaps: readonly number[];
  readonly senders: number;
}

/** Beside messages in work and publications: each of the two components starts once. */
const otherTraces = 2;
/** A message that is handled is one span; one that goes to the dead letter would have the publication below it. */
const spansPerTrace = 2;
/** What a run may leave or move about on the heap, however many messages there are: with a million of them it is 10 bytes for each. */
const heapGrowthMb = 8;

/** What a soak must keep to. */
export function soakBounds({ transport, concurrency }: SoakOptions, { tally, counter, heaps, senders }: SoakEnd): readonly Bound[] {
  const growth = (heaps.at(-1) ?? Number.NaN) - (heaps[1] ?? Number.NaN);
  return [
    { what: 'messages lost', found: tally.lost, limit: 0 },
    ...(transport === 'memory' ? [{ what: 'handled more than once', found: tally.repeated, limit: 0 }] : []),
    { what: 'handled more than once, but not delivered again', found: tally.unexplained, limit: 0 },
    { what: 'spans open at the end', found: counter.open, limit: 0 },
    { what: 'live traces at once', found: counter.mostTraces, limit: concurrency + senders + otherTraces },
    { what: 'spans in the largest trace', found: counter.largestTrace, limit: spansPerTrace },
    { what: 'heap at the end over that after a fifth', found: growth, limit: heapGrowthMb, unit: 'MB' },
  ];
}
