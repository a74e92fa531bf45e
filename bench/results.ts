import type { Compared, MeasuredVariant, Ratio } from './compare.ts';
import { median, type Spread, spreadOf } from './statistics.ts';

/** One figure on one Node, over the processes that measured it. */
export interface Figure extends Ratio {
  readonly unit: 'ratio' | 'ms' | 'MB';
  /** The result is the median; the rest tells how noisy it was. */
  readonly value: Spread;
}

/** Time of one variant, in nanoseconds: the median of the processes. */
export interface VariantTime extends MeasuredVariant {
  readonly comparison: string;
}

export interface NodeResult {
  /** Such as `v24.21.0`. */
  readonly node: string;
  readonly figures: readonly Figure[];
  readonly variants: readonly VariantTime[];
  /** Files that importing `tracewright` loads, by package; empty where the suite does not ask. */
  readonly loaded: Readonly<Record<string, number>>;
  /** Rows that could not be measured, and why. */
  readonly skipped?: readonly string[] | undefined;
}

/** How much is measured. */
export interface Effort {
  readonly processes: number;
  readonly rounds: number;
  /** Time given to one variant in one round. */
  readonly sampleMs: number;
  /** Messages of one run. */
  readonly messages: number;
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
      const processorNs = times.flatMap((time) => time.processorNs ?? []);
      variants.push({
        comparison: first.title,
        name,
        averageNs: Math.round(median(times.map(({ averageNs }) => averageNs))),
        p50Ns: Math.round(median(times.map(({ p50Ns }) => p50Ns))),
        processorNs: processorNs.length === 0 ? undefined : Math.round(median(processorNs)),
      });
    }
  }
  return { figures, variants };
}
