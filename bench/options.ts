import { parseArgs } from 'node:util';
import { TracewrightError } from 'tracewright';
import type { Effort } from './results.ts';

export const suites = ['kernel', 'messages'] as const;
export type Suite = (typeof suites)[number];

export const help = `npm run bench -- <suite> [options]

Suites:

  kernel         what an operation costs
  messages       what a message costs, in memory and over NATS (which needs nats-server, or its row is skipped)

Options:

  --node <path>  also measure on this Node; may be given more than once
  --quick        a few rounds, to see that everything runs; the figures mean nothing and are not written
  --publish      also write bench/results/<suite>.json, which is kept in the repository
  --help         this text`;

export interface BenchOptions {
  readonly help: boolean;
  readonly suite: Suite;
  /** Paths of the Node binaries to measure on, this one first. */
  readonly nodes: readonly string[];
  readonly effort: Effort;
  readonly quick: boolean;
  readonly publish: boolean;
}

const full: Effort = { processes: 3, rounds: 9, sampleMs: 60, messages: 20_000, spawns: 9 };
const smoke: Effort = { processes: 1, rounds: 3, sampleMs: 10, messages: 1000, spawns: 3 };

/**
 * Reads the command line.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an unknown suite or option
 */
export function readOptions(given: readonly string[]): BenchOptions {
  const { values, positionals } = parse(given);
  const { help: asked = false, quick = false, publish = false, node = [] } = values;
  const [name] = positionals;
  const suite = suites.find((known) => known === name);
  if (!asked && (suite === undefined || positionals.length > 1)) {
    const received = positionals.length === 0 ? 'none' : positionals.join(' ');
    throw new TracewrightError('TW_BAD_OPTION', `one suite is needed, received ${received}: there is ${suites.join(', ')}`, {
      data: { option: 'suite' },
    });
  }
  return { help: asked, suite: suite ?? suites[0], nodes: [process.execPath, ...node], effort: quick ? smoke : full, quick, publish };
}

function parse(given: readonly string[]) {
  try {
    return parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        quick: { type: 'boolean' },
        publish: { type: 'boolean' },
        node: { type: 'string', multiple: true },
      },
    });
  } catch (error: unknown) {
    if (!(error instanceof TypeError)) throw error;
    throw new TracewrightError('TW_BAD_OPTION', error.message, { cause: error });
  }
}
