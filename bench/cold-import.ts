import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from './measured-process.ts';
import type { Figure } from './results.ts';
import { spreadOf } from './statistics.ts';

const bytesPerMegabyte = 1_048_576;

/** What is loaded, beside nothing: the package, and the part of it that is not ours to change. */
const programs = {
  'bare node': '',
  'import @opentelemetry/api': "await import('@opentelemetry/api');",
  'import tracewright': "await import('tracewright');",
} as const;
type Program = keyof typeof programs;
const names = Object.keys(programs) as Program[]; // The keys of a literal are known.

/** What one start of a program took. `processorMs` is the time on processors, which a loaded machine does not stretch as it does the wall clock. */
interface Start {
  readonly wallMs: number;
  readonly processorMs: number;
  readonly residentMegabytes: number;
}

/** Row 17: what loading the built package costs over a Node that loads nothing; rounds interleave the programs. */
export async function coldImport(node: string, spawns: number): Promise<Figure[]> {
  const starts: Record<Program, Start[]> = { 'bare node': [], 'import @opentelemetry/api': [], 'import tracewright': [] };
  for (let round = 0; round < spawns; round += 1) {
    for (const name of names) starts[name].push(await start(node, programs[name]));
  }
  const over = (figure: string, of: Program, { unit, read }: Reading): Figure => {
    const differences = starts[of].flatMap((taken, round) => {
      const bare = starts['bare node'][round];
      return bare === undefined ? [] : [read(taken) - read(bare)];
    });
    return { figure, of, to: 'bare node', unit, value: spreadOf(differences) };
  };
  const wall: Reading = { unit: 'ms', read: ({ wallMs }) => wallMs };
  const processor: Reading = { unit: 'ms', read: ({ processorMs }) => processorMs };
  const memory: Reading = { unit: 'MB', read: ({ residentMegabytes }) => residentMegabytes };
  return [
    over('17 time', 'import tracewright', wall),
    over('17 processor time', 'import tracewright', processor),
    over('17 memory', 'import tracewright', memory),
    over('17 time, API only', 'import @opentelemetry/api', wall),
    over('17 processor time, API only', 'import @opentelemetry/api', processor),
    over('17 memory, API only', 'import @opentelemetry/api', memory),
  ];
}

interface Reading {
  readonly unit: 'ms' | 'MB';
  readonly read: (start: Start) => number;
}

async function start(node: string, program: string): Promise<Start> {
  const look = 'const { user, system } = process.cpuUsage(); console.log(JSON.stringify([user + system, process.memoryUsage.rss()]));';
  const { output, wallMs } = await runProcess(node, evaluate(`${program} ${look}`));
  const [processorMicros, residentBytes] = JSON.parse(output) as [number, number]; // Written by the line above.
  return { wallMs, processorMs: processorMicros / 1000, residentMegabytes: residentBytes / bytesPerMegabyte };
}

/** How many files of which package importing `tracewright` loads. Node's own record of executed scripts tells, so nothing has to be hooked. */
export async function loadedModules(node: string): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'tracewright-bench-'));
  try {
    await runProcess(node, evaluate(programs['import tracewright']), { NODE_V8_COVERAGE: folder });
    const counts: Record<string, number> = {};
    for (const file of await readdir(folder)) {
      // The shape is V8's: a list of scripts, each with its address.
      const { result } = JSON.parse(await readFile(join(folder, file), 'utf8')) as { readonly result: readonly { readonly url: string }[] };
      const paths = result.filter(({ url }) => url.startsWith('file:')).map(({ url }) => fileURLToPath(url));
      for (const owner of paths.flatMap((path) => packageOf(path) ?? [])) counts[owner] = (counts[owner] ?? 0) + 1;
    }
    return counts;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** `@scope/name` or `name` below the innermost `node_modules`; a package of this workspace by its folder; other files by none. */
export function packageOf(path: string): string | undefined {
  const segments = path.split(/[\\/]/);
  const installed = segments.lastIndexOf('node_modules');
  const from = installed === -1 ? segments.lastIndexOf('packages') : installed;
  if (from === -1) return undefined;
  const [first = '', second = ''] = segments.slice(from + 1);
  if (installed === -1) return `packages/${first}`;
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function evaluate(program: string): string[] {
  return ['--no-warnings', '--input-type=module', '--eval', program];
}
