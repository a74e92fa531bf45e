import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const bytesPerMegabyte = 1_048_576;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void; // V8 gives it to contexts that are made once the flag is set.

/** Megabytes that are alive on the heap. Collects all garbage for that. */
export function heapAfterCollection(): number {
  collect();
  return process.memoryUsage().heapUsed / bytesPerMegabyte;
}
