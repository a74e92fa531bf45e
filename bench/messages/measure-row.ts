import type { Compared } from '../compare.ts';
import { exitOnSignals } from '../exit-on-signals.ts';
import { compareRuns, type RunComparison } from './compare-runs.ts';
import { messagesInMemory } from './row-7-memory.ts';
import { messagesOverNats } from './row-8-nats.ts';

/** The program that a measured process runs: one row, printed as JSON. Arguments: the row, the rounds, the messages of one run. */

const rows: Readonly<Record<string, (total: number) => RunComparison[] | Promise<RunComparison[]>>> = {
  '7': messagesInMemory,
  '8': messagesOverNats,
};

exitOnSignals();
const [row = '', rounds = '', messages = ''] = process.argv.slice(2);
const compared: Compared[] = [];
for (const comparison of (await rows[row]?.(Number(messages))) ?? []) compared.push(await compareRuns(comparison, Number(rounds)));
// What was opened for the measurement holds the process; nothing of it is needed any more.
process.stdout.write(JSON.stringify(compared), () => process.exit());
