import { TracewrightError } from 'tracewright';
import { type OptionTexts, helpText, readCommandLine, requireWhole } from './command-line.ts';

const texts = {
  transport: { placeholder: 'name', text: 'memory, or nats: a server of its own', fallback: 'memory' },
  messages: { placeholder: 'n', text: 'how many messages', fallback: '1000000' },
  concurrency: { placeholder: 'n', text: 'how many are handled at once', fallback: '8' },
  'handler-ms': { placeholder: 'ms', text: 'how long the handling of one takes', fallback: '0' },
} satisfies OptionTexts;

export const soakHelp = helpText(
  `npm run soak -- [options]

Sends many messages through one subscription, reports every tenth of them, and judges the end.
Exit code 1: a bound is broken. 2: it could not run.`,
  texts,
);

export interface SoakOptions {
  readonly transport: 'memory' | 'nats';
  readonly messages: number;
  readonly concurrency: number;
  readonly handlerMs: number;
}

/**
 * Reads the command line; nothing where help was asked for.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the option and the value received
 */
export function readSoakOptions(given: readonly string[]): SoakOptions | undefined {
  const values = readCommandLine(given, texts);
  if (values === undefined) return undefined;
  const { transport } = values;
  if (transport !== 'memory' && transport !== 'nats')
    throw new TracewrightError('TW_BAD_OPTION', `--transport must be memory or nats, received ${transport}`, {
      data: { option: 'transport' },
    });
  return {
    transport,
    // Fewer have no tenths.
    messages: requireWhole('messages', values.messages, 10),
    concurrency: requireWhole('concurrency', values.concurrency, 1),
    handlerMs: requireWhole('handler-ms', values['handler-ms'], 0),
  };
}
