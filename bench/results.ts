import type { Compared, Ratio } from './compare.ts';
import { median, type Spread, spreadOf } from './statistics.ts';

/** One figure on one Node, over the processes that measured it. */
export interface Figure extends Ratio {
  readonly unit: 'ratio' | 'ms' | 'MB';
  /** The result is the median; the rest tells how noisy it was. */
  readonly value: Spread;
}

/** Time of one variant, in nanoseconds: the median of the processes. */
export interface VariantTime {
  readonly comparison: string;
  readonly name: string;
  readonly averageNs: number;
  readonly p50Ns: number;
}

export interface NodeResult {
  /** Such as `v24.21.0`. */
  readonly node: string;
  readonly figures: readonly Figure[];
  readonly variants: readonly VariantTime[];
  /** Files that importing `tracewright` loads, by package. */
  readonly loaded: Readonly<Record<string, number>>;
}

/** How much is measured. */
export interface Effort {
  readonly processes: number;
  readonly rounds: number;
  /** Time given to one variant in one round. */
  readonly sampleMs: number;
  /** Starts of each program in the cold import. */
  readonly spawns: number;
}

/** Joins what several processes found for the same comparisons: each value is the median of the processes. */
export function joinProcesses(perProcess: readonly (readonly Compared[])[]): {
  readonly figures: Figure[];
  readonly variants: VariantTime[];
} {
  const figures: Figure[] = [];
  const variants: VariantTime[] = [];
  for (const [index, first] of (perProcess[0] ?? []).entries()) {
    const same = perProcess.flatMap((comparisons) => comparisons[index] ?? []);
    for (const [at, { figure, of, to }] of first.ratios.entries()) {
      figures.push({ figure, of, to, unit: 'ratio', value: spreadOf(same.map(({ ratios }) => ratios[at]?.value ?? Number.NaN)) });
    }
    for (const [at, { name }] of first.variants.entries()) {
      const times = same.flatMap((comparison) => comparison.variants[at] ?? []);
      variants.push({
        comparison: first.title,
        name,
        averageNs: Math.round(median(times.map(({ averageNs }) => averageNs))),
        p50Ns: Math.round(median(times.map(({ p50Ns }) => p50Ns))),
      });
    }
  }
  return { figures, variants };
}
