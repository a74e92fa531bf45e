import { createRuntime, operation, timeout } from 'tracewright';
import { body } from './leaf.ts';
import { registerSdk } from './stock-sdk.ts';

/**
 * The program behind the figures of timers, printed as JSON: what a million operations with a time-out under one long-lived signal leave on the heap, and what
 * such an operation costs beside 100,000 others that are still waiting. Run it with `--expose-gc`.
 */

const bytesPerMegabyte = 1_048_576;
const total = Number(process.argv[2] ?? 1_000_000);
const live = Number(process.argv[3] ?? 100_000);
const rounds = 9;
const callsPerRound = 20_000;

registerSdk();
const runtime = createRuntime();
const timed = operation({ name: 'op', interceptors: [timeout({ timeoutMs: 60_000 })] });
const { signal } = new AbortController();

/** One operation that also touches its own signal, so that everything that can hang on the long-lived one does. */
async function runOne(): Promise<void> {
  await runtime.run(timed, (scope) => body(scope.signal, 1), { signal });
}

async function heapMegabytes(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / bytesPerMegabyte;
}

async function nanosPerCall(): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = process.hrtime.bigint();
    for (let call = 0; call < callsPerRound; call += 1) await runOne();
    samples.push(Number(process.hrtime.bigint() - start) / callsPerRound);
  }
  return samples.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

for (let call = 0; call < callsPerRound; call += 1) await runOne();
const before = await heapMegabytes();
for (let call = 0; call < total; call += 1) await runOne();
const heldMegabytes = (await heapMegabytes()) - before;

const aloneNs = await nanosPerCall();
const stop = new AbortController();
const waiting = Array.from({ length: live }, () => runtime.run(timed, () => new Promise<never>(() => undefined), { signal: stop.signal }));
const besideNs = await nanosPerCall();
console.log(JSON.stringify({ heldMegabytes, aloneNs, besideNs, live: waiting.length }));
process.exit(0);
