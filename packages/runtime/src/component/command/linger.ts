import { setIdleTimer } from '../../lifecycle/idle-timer.ts';
import { systemClock } from '../../kernel/clock.ts';

/** How a program has ended. */
export interface EndedProgram {
  readonly exitCode: number;
  /** Says something in the way that the program was asked to speak. */
  readonly warn: (message: string) => void;
}

/** How long the last words have for getting out, in milliseconds. */
const writeTimeoutMs = 1000;

/** Of this process: several programs may run in it. */
let running = 0;
let cancelEnd: () => void = () => undefined;

/**
 * Runs a program as what this process is for: its exit code becomes that of the process, which ends `lingerMs` after the last of its programs, whatever still keeps it alive.
 * A process that nothing keeps alive ends by itself before that.
 */
export async function runAsProcess(lingerMs: number | false, program: () => Promise<EndedProgram>): Promise<void> {
  cancelEnd();
  running += 1;
  try {
    const { exitCode, warn } = await program();
    process.exitCode = exitCode;
    if (running > 1 || lingerMs === false) return;
    cancelEnd();
    cancelEnd = setIdleTimer(systemClock, () => void endProcess(lingerMs, warn), lingerMs);
  } finally {
    running -= 1;
  }
}

async function endProcess(lingerMs: number, warn: (message: string) => void): Promise<void> {
  warn(`all is over since ${lingerMs} ms, but this process is kept alive by ${keptBy()}: it is ended now`);
  const written = [process.stdout, process.stderr].map((stream) => new Promise((resolve) => void stream.write('', resolve)));
  // Somebody who reads no more must not keep it alive either.
  const timer = setTimeout(() => process.exit(), writeTimeoutMs);
  await Promise.all(written);
  clearTimeout(timer);
  // With the code that it has by now.
  process.exit();
}

/** Node names these for its own standard streams, and they keep nothing alive. */
const ofStreams = new Set(['TTYWrap', 'PipeWrap']);

/** `Timeout ×2, TCPSocketWrap`, as Node names them. */
function keptBy(): string {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) if (!ofStreams.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (counts.size === 0) return 'something that Node does not name';
  return Array.from(counts, ([kind, count]) => (count === 1 ? kind : `${kind} ×${count}`)).join(', ');
}
