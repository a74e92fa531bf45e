import type { Bound } from './bounds.ts';
import type { Accounts } from './chaos-accounts.ts';
import type { BrokerRest } from './chaos-broker.ts';
import type { Recovered, RunEnd } from './chaos-run.ts';

export interface Outcome {
  /** How many publications were confirmed. */
  readonly published: number;
  readonly handlings: number;
  readonly accounts: Accounts;
  readonly kills: readonly Recovered[];
  readonly broker: BrokerRest;
  readonly end: RunEnd;
}

const shown = 5;

/** One kill, as it is reported when it is over. `startedAt` in milliseconds since the Unix epoch. */
export function killLine(kill: Recovered, startedAt: number): string {
  const { number, at, backAt, handledBefore, recoveryMs } = kill;
  const when = `at ${seconds(at - startedAt)}, after ${handledBefore} messages`;
  const again =
    recoveryMs === undefined ? 'too little was left to see it recover' : `all handled again ${seconds(recoveryMs)} after the restart`;
  return `kill ${number} ${when}: ${victimsOf(kill)}, away for ${seconds(backAt - at)}; ${again}`;
}

/** What became of the messages. */
export function accountLines({ published, handlings, accounts, kills, broker, end }: Outcome): readonly string[] {
  const { handledOnce, handledMoreOften, repeatedBy, unexplained, lost } = accounts;
  const recoveries = kills.flatMap(({ recoveryMs }) => recoveryMs ?? []);
  return [
    `${published} published, ${end.repeated} times again because the first try had failed`,
    `${handlings} handlings: ${handledOnce} messages once, ${handledMoreOften} more than once`,
    ...kills.flatMap((kill) => {
      const count = repeatedBy.get(kill.number);
      return count === undefined ? [] : [`  ${count} handled again because of kill ${kill.number}: ${victimsOf(kill)}`];
    }),
    ...unexplained
      .slice(0, shown)
      .map(({ id, attempt, by, at }) => `  no kill explains that ${by} handled ${id} (delivery ${attempt}) at ${at}`),
    ...kills
      .filter(({ at }) => at < broker.consumerMadeAt)
      .slice(-1)
      .map(({ number }) => `  the broker's consumer was made anew after kill ${number}, and began with the first message`),
    ...lost.slice(0, shown).map((id) => `  ${id} is lost`),
    ...broker.deadLetters.slice(0, shown).map(({ id, reason }) => `  ${id} is in the dead letter: ${reason}`),
    ...end.failures.map((name) => `  ${name} ended by itself`),
    ...(recoveries.length === 0 ? [] : [`longest recovery: ${seconds(Math.max(...recoveries))}`]),
  ];
}

/** What must not be. */
export function boundsOf({
  messages,
  published,
  accounts,
  broker,
  end,
}: Omit<Outcome, 'handlings' | 'kills'> & { readonly messages: number }): readonly Bound[] {
  const { lost, unknown, unexplained } = accounts;
  return [
    { what: 'lost', found: lost.length, limit: 0 },
    { what: 'not published', found: messages - published, limit: 0 },
    { what: 'handled, but never confirmed to their publisher', found: unknown.length, limit: 0 },
    { what: 'dead-lettered', found: broker.deadLetters.length, limit: 0 },
    { what: 'handled again without a kill that explains it', found: unexplained.length, limit: 0 },
    { what: 'unsettled in the broker', found: broker.unsettled, limit: 0 },
    { what: 'processes that ended by themselves', found: end.failures.length, limit: 0 },
    { what: 'spans open in the survivors', found: end.open, limit: 0 },
  ];
}

function victimsOf({ broker, consumers }: Recovered): string {
  return [...(broker ? ['the broker'] : []), ...consumers].join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
