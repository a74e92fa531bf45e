import { measure } from 'mitata';
import { median, medianRatio } from './statistics.ts';

/** A figure: how long one variant takes in multiples of another. */
export interface Ratio {
  /** Key of the goal that it is judged by, where it has one. */
  readonly figure: string;
  readonly of: string;
  readonly to: string;
}

/** Variants of the same work that are measured side by side. Every variant takes no parameters, as the sampler would pass some. */
export interface Comparison {
  readonly title: string;
  readonly variants: Readonly<Record<string, () => unknown>>;
  readonly ratios: readonly Ratio[];
  /** Calls `measured` where the variants shall run: in an operation, in a context. */
  readonly around?: (measured: () => Promise<Compared>) => Promise<Compared>;
}

export interface Rounds {
  readonly rounds: number;
  /** Time given to one variant in one round. */
  readonly sampleMs: number;
}

export interface MeasuredVariant {
  readonly name: string;
  readonly averageNs: number;
  readonly p50Ns: number;
  /** Of processors, where that is more or less than what passed on the clock: work that waits for others, or beside them. */
  readonly processorNs?: number | undefined;
}

export interface Compared {
  readonly title: string;
  /** Nanoseconds, as medians over rounds: to read ratios by, never to compare between machines. */
  readonly variants: readonly MeasuredVariant[];
  readonly ratios: readonly (Ratio & { readonly value: number })[];
}

const warmUpCalls = 3000;
const nanosPerMs = 1_000_000;
const batchSize = 1024;
/** Work shorter than this is timed in batches, as reading the clock would show in a single call. */
const batchBelowNs = 200_000;

/**
 * Measures every variant once per round, round after round, so that drifts of the machine hit all alike. The time of a variant in a round is its
 * average, which includes the collection of the garbage it makes.
 */
export async function compare(comparison: Comparison, how: Rounds): Promise<Compared> {
  const { around } = comparison;
  return around === undefined ? await measureRounds(comparison, how) : await around(() => measureRounds(comparison, how));
}

async function measureRounds({ title, variants, ratios }: Comparison, { rounds, sampleMs }: Rounds): Promise<Compared> {
  const series = Object.entries(variants).map(([name, call]) => ({ name, call, averages: [] as number[], p50s: [] as number[] }));
  for (const { call } of series) for (let count = 0; count < warmUpCalls; count += 1) await call();
  for (let round = 0; round < rounds; round += 1) {
    for (const { call, averages, p50s } of series) {
      const { avg, p50 } = await measure(call, {
        // A forced full collection while nothing is in flight drops the hidden classes that compiled code relies on: what follows would be measured
        // while it is compiled again, which no busy process sees.
        gc: false,
        min_cpu_time: sampleMs * nanosPerMs,
        batch_samples: batchSize,
        batch_threshold: batchBelowNs,
        warmup_threshold: batchBelowNs * 25,
      });
      averages.push(avg);
      p50s.push(p50);
    }
  }
  const averagesOf = (wanted: string): readonly number[] => series.find(({ name }) => name === wanted)?.averages ?? [];
  return {
    title,
    variants: series.map(({ name, averages, p50s }) => ({ name, averageNs: median(averages), p50Ns: median(p50s) })),
    ratios: ratios.map((ratio) => ({ ...ratio, value: medianRatio(averagesOf(ratio.of), averagesOf(ratio.to)) })),
  };
}
