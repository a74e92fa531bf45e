import { type Compared, type Comparison, compare, type Rounds } from '../compare.ts';
import { telemetryOff } from './row-1-telemetry-off.ts';
import { activeSpan } from './row-2-active-span.ts';
import { streams } from './row-6-streams.ts';
import { unsampled } from './row-11-unsampled.ts';

/** The program that a measured process runs: one row, printed as JSON. Arguments: the row, the rounds, the milliseconds of one sample. */

const rows: Readonly<Record<string, () => Comparison[]>> = {
  '1': telemetryOff,
  '2': activeSpan,
  '6': streams,
  '11': unsampled,
};

const [row = '', rounds = '', sampleMs = ''] = process.argv.slice(2);
const how: Rounds = { rounds: Number(rounds), sampleMs: Number(sampleMs) };
const compared: Compared[] = [];
for (const comparison of rows[row]?.() ?? []) compared.push(await compare(comparison, how));
console.log(JSON.stringify(compared));
