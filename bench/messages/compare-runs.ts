import type { Compared, Ratio } from '../compare.ts';
import { median, medianRatio } from '../statistics.ts';
import type { Cost } from './meter.ts';

/** Ways to handle or send the same messages. Each call handles all of them once. */
export interface RunComparison {
  readonly title: string;
  readonly variants: Readonly<Record<string, () => Promise<Cost>>>;
  /** Of time; each has a twin of processor time. */
  readonly ratios: readonly Ratio[];
}

/** Behind the name of a figure of time: the same of processor time. */
const processorFigure = (figure: string): string => `${figure} processor`;

/**
 * Runs every variant once per round, round after round, as `compare` does with short calls. Messages cannot be measured call by call: several are under way at
 * once, and the broker works beside them.
 */
export async function compareRuns({ title, variants, ratios }: RunComparison, rounds: number): Promise<Compared> {
  const series = Object.entries(variants).map(([name, run]) => ({ name, run, costs: [] as Cost[] }));
  // The first run compiles.
  for (const { run } of series) await run();
  for (let round = 0; round < rounds; round += 1) for (const { run, costs } of series) costs.push(await run());
  const read = (wanted: string, part: keyof Cost): readonly number[] =>
    series.find(({ name }) => name === wanted)?.costs.map((cost) => cost[part]) ?? [];
  const ratio = ({ figure, of, to }: Ratio, part: keyof Cost): Ratio & { readonly value: number } => ({
    figure,
    of,
    to,
    value: medianRatio(read(of, part), read(to, part)),
  });
  return {
    title,
    variants: series.map(({ name }) => {
      const averageNs = median(read(name, 'wallNs'));
      return { name, averageNs, p50Ns: averageNs, processorNs: median(read(name, 'processorNs')) };
    }),
    ratios: ratios.flatMap((each) => [ratio(each, 'wallNs'), ratio({ ...each, figure: processorFigure(each.figure) }, 'processorNs')]),
  };
}
