import { nearestOf } from '../footprint/nearest.ts';
import { brokerVariables } from './broker-login.ts';
import type { Environment, Flag } from './flag.ts';
import type { Log } from './log.ts';

/** Variables that say something to other parts of Tracewright. */
const others = ['TRACEWRIGHT_CONTENT'];

/** Says which variables are likely to be misspelt: one that nobody reads would otherwise change nothing, in silence. */
export function warnOfVariables(env: Environment, flags: readonly Flag[], log: Log): void {
  const known = [...flags.flatMap(({ variable }) => (variable === undefined ? [] : [variable])), ...brokerVariables];
  for (const name of Object.keys(env)) {
    if (!name.startsWith(prefix) || known.includes(name) || others.includes(name)) continue;
    const ofBroker = name.startsWith(brokerPrefix);
    const near = ofBroker ? nearestAfter(brokerPrefix, name, brokerVariables) : nearestAfter(prefix, name, known);
    if (near !== undefined) log.warn(`${name} says nothing here: did you mean ${near}?`);
    else if (ofBroker) log.warn(`${name} says nothing here: of the broker, there are ${brokerVariables.join(', ')}`);
  }
}

const prefix = 'TRACEWRIGHT_';
const brokerPrefix = 'TRACEWRIGHT_TRANSPORT_';

/** What all begin with says nothing about how near they are. */
function nearestAfter(start: string, name: string, names: readonly string[]): string | undefined {
  const near = nearestOf(
    name.slice(start.length),
    names.map((each) => each.slice(start.length)),
  );
  return near === undefined ? undefined : start + near;
}
