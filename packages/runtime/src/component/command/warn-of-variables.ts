import { nearestOf } from '../footprint/nearest.ts';
import type { Environment, Flag } from './flag.ts';
import type { Log } from './log.ts';

/** Variables that say something to other parts of Tracewright. */
const others = ['TRACEWRIGHT_CONTENT'];

/** Says which variables are likely to be misspelt: one that nobody reads would otherwise change nothing, in silence. */
export function warnOfVariables(env: Environment, flags: readonly Flag[], log: Log): void {
  const known = flags.flatMap(({ variable }) => (variable === undefined ? [] : [variable]));
  for (const name of Object.keys(env)) {
    if (!name.startsWith('TRACEWRIGHT_') || name.startsWith('TRACEWRIGHT_TRANSPORT_')) continue;
    if (known.includes(name) || others.includes(name)) continue;
    const near = nearestOf(
      name.slice(12),
      known.map((each) => each.slice(12)),
    );
    if (near !== undefined) log.warn(`${name} says nothing here: did you mean TRACEWRIGHT_${near}?`);
  }
}
