import { type Compared, type Comparison, compare, type Rounds } from '../compare.ts';
import { telemetryOff } from './row-1-telemetry-off.ts';
import { hookPoints } from './row-10-hook-points.ts';
import { activeSpan } from './row-2-active-span.ts';
import { timeoutAndRetry } from './row-3-timeout-and-retry.ts';
import { cacheHit } from './row-4-cache-hit.ts';
import { cacheMiss } from './row-5-cache-miss.ts';
import { streams } from './row-6-streams.ts';
import { unsampled } from './row-11-unsampled.ts';

/** The program that a measured process runs: one row, printed as JSON. Arguments: the row, the rounds, the milliseconds of one sample. */

const rows: Readonly<Record<string, () => Comparison[]>> = {
  '1': telemetryOff,
  '2': activeSpan,
  '3': timeoutAndRetry,
  '4': cacheHit,
  '5': cacheMiss,
  '6': streams,
  '10': hookPoints,
  '11': unsampled,
};

const [row = '', rounds = '', sampleMs = ''] = process.argv.slice(2);
const how: Rounds = { rounds: Number(rounds), sampleMs: Number(sampleMs) };
const compared: Compared[] = [];
for (const comparison of rows[row]?.() ?? []) compared.push(await compare(comparison, how));
console.log(JSON.stringify(compared));
