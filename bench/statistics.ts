/**
 * The middle value; of an even number of values, the mean of the two in the middle. `NaN` for none.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median over rounds of `of[round] / to[round]`. What slows a whole round down (a noisy neighbour, a hot processor) cancels out, which it
 * would not in the ratio of two medians.
 */
export function medianRatio(of: readonly number[], to: readonly number[]): number {
  return median(of.slice(0, to.length).map((value, round) => value / (to[round] ?? Number.NaN)));
}

/** The median with the lowest and the highest value beside it. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}
