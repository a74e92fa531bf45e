/** What a run must not exceed. */
export interface Bound {
  readonly what: string;
  readonly found: number;
  readonly limit: number;
  readonly unit?: string | undefined;
}

/** Each bound as one line, and whether all of them hold. What could not be found out, as `NaN`, does not hold. */
export function judge(bounds: readonly Bound[]): { readonly lines: readonly string[]; readonly allHold: boolean } {
  const judged = bounds.map((bound) => ({ bound, holds: bound.found <= bound.limit }));
  return {
    lines: judged.map(({ bound, holds }) => `${holds ? 'holds ' : 'BROKEN'}  ${show(bound)}`),
    allHold: judged.every(({ holds }) => holds),
  };
}

function show({ what, found, limit, unit }: Bound): string {
  const suffix = unit === undefined ? '' : ` ${unit}`;
  return `${what}: ${Number(found.toFixed(1))}${suffix}, at most ${limit}${suffix}`;
}
