import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTracewrightError } from 'tracewright';
import { exitOnSignals } from '../exit-on-signals.ts';
import { NatsServer } from '../nats-server.ts';
import { judge } from './bounds.ts';
import { account, type Handling } from './chaos-accounts.ts';
import { readBroker } from './chaos-broker.ts';
import { type ChaosOptions, chaosHelp, readChaosOptions } from './chaos-options.ts';
import { planKills } from './chaos-plan.ts';
import { accountLines, boundsOf, killLine } from './chaos-report.ts';
import { ChaosRun } from './chaos-run.ts';

/** The program behind `npm run chaos`. Exit code 1: something came out that no kill explains. 2: it could not run. Nothing outlives it, however it ends. */

/** How long the broker may take at the end until nothing is unsettled, in milliseconds. */
const settlePatienceMs = 30_000;

exitOnSignals();
try {
  const options = readChaosOptions(process.argv.slice(2));
  if (options === undefined) console.log(chaosHelp);
  else await main(options);
} catch (error: unknown) {
  if (!isTracewrightError(error)) throw error;
  console.error(`chaos: ${error.message}`);
  process.exitCode = 2;
}

async function main(options: ChaosOptions): Promise<void> {
  const server = new NatsServer();
  try {
    await run(options, server);
  } finally {
    await server.dispose();
  }
}

async function run(options: ChaosOptions, server: NatsServer): Promise<void> {
  const { messages, consumers, concurrency, kills: count, seed } = options;
  console.log(`seed ${seed}: ${messages} messages, ${consumers} consumers with ${concurrency} at once, ${count} kills`);
  const chaos = new ChaosRun(options, server);
  await chaos.start();
  const startedAt = Date.now();
  const kills = await chaos.kill(planKills(options), (kill) => console.log(killLine(kill, startedAt)));
  if (kills.length < count) console.log(`${count - kills.length} of the kills did not come to pass: the messages had come to an end`);
  const broker = await readBroker(server.url, settlePatienceMs);
  const end = await chaos.end();
  const published = linesOf(join(server.folder, 'published'));
  const handlings = end.consumers.flatMap((name) => linesOf(join(server.folder, name)).map((line) => handlingOf(name, line)));
  const accounts = account({ published, handlings, deadLettered: broker.deadLetters.map(({ id }) => id), kills });
  console.log(accountLines({ published: published.length, handlings: handlings.length, accounts, kills, broker, end }).join('\n'));
  const { lines, allHold } = judge(boundsOf({ messages, published: published.length, accounts, broker, end }));
  console.log(lines.join('\n'));
  if (!allHold) process.exitCode = 1;
}

/** Whole lines only: who dies while it writes leaves a part of one. */
function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

function handlingOf(by: string, line: string): Handling {
  const [id = '', attempt = '', at = ''] = line.split(' ');
  return { id, by, attempt: Number(attempt), at: Number(at) };
}
