import { type OptionTexts, helpText, readCommandLine, requireWhole } from './command-line.ts';

const texts = {
  messages: { placeholder: 'n', text: 'how many messages are published', fallback: '20000' },
  kills: { placeholder: 'n', text: 'how often something is killed', fallback: '6' },
  consumers: { placeholder: 'n', text: 'how many consumer processes share the messages', fallback: '3' },
  concurrency: { placeholder: 'n', text: 'how many messages each of them handles at once', fallback: '8' },
  'handler-ms': { placeholder: 'ms', text: 'how long the handling of a message takes', fallback: '5' },
  'per-second': { placeholder: 'n', text: 'how many messages are published in a second', fallback: '500' },
  seed: { placeholder: 'n', text: 'decides what is killed, when, and for how long', fallback: 'random' },
} satisfies OptionTexts;

export const chaosHelp = helpText(
  `npm run chaos -- [options]

Publishes messages over NATS, kills the broker and the consumers while it does, and accounts for every message at the end.
Exit code 1: a message was lost, or something else came out that no kill explains. 2: it could not run.`,
  texts,
);

export interface ChaosOptions {
  readonly messages: number;
  readonly kills: number;
  readonly consumers: number;
  readonly concurrency: number;
  readonly handlerMs: number;
  readonly perSecond: number;
  readonly seed: number;
}

/**
 * Reads the command line; nothing where help was asked for.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the option and the value received
 */
export function readChaosOptions(given: readonly string[]): ChaosOptions | undefined {
  const values = readCommandLine(given, texts);
  if (values === undefined) return undefined;
  const whole = (option: Exclude<keyof typeof texts, 'seed'>, lowest: number): number => requireWhole(option, values[option], lowest);
  return {
    messages: whole('messages', 1),
    kills: whole('kills', 0),
    consumers: whole('consumers', 1),
    concurrency: whole('concurrency', 1),
    handlerMs: whole('handler-ms', 0),
    perSecond: whole('per-second', 1),
    seed: values.seed === 'random' ? Math.floor(Math.random() * 0x1_0000_0000) : requireWhole('seed', values.seed, 0),
  };
}
