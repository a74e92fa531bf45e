import { parseArgs, type ParseArgsConfig } from 'node:util';
import { TracewrightError } from 'tracewright';

/** One option of a program: what its value stands for and its default. */
export interface OptionText {
  readonly placeholder: string;
  readonly text: string;
  readonly fallback: string;
}

export type OptionTexts = Readonly<Record<string, OptionText>>;

/** What was given, each option a string; nothing where help was asked for. */
export type Given<Texts extends OptionTexts> = Readonly<Record<keyof Texts, string>> | undefined;

/**
 * Reads a command line of options that all have a value, and `--help`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an unknown option
 */
export function readCommandLine<const Texts extends OptionTexts>(given: readonly string[], texts: Texts): Given<Texts> {
  const named = Object.keys(texts).map((name) => [name, { type: 'string' }] as const);
  const options: NonNullable<ParseArgsConfig['options']> = { ...Object.fromEntries(named), help: { type: 'boolean', short: 'h' } };
  try {
    const { values } = parseArgs({ args: [...given], options });
    if (values['help'] === true) return undefined;
    const entries = Object.entries(texts).map(([name, { fallback }]) => [name, values[name] ?? fallback]);
    return Object.fromEntries(entries) as Readonly<Record<keyof Texts, string>>; // Made from the keys of `texts`.
  } catch (error: unknown) {
    if (!(error instanceof TypeError)) throw error;
    throw new TracewrightError('TW_BAD_OPTION', error.message, { cause: error });
  }
}

/** What `--help` prints. */
export function helpText(usage: string, texts: OptionTexts): string {
  const rows = Object.entries(texts).map(([name, { placeholder, text, fallback }]) => ({
    option: `--${name} <${placeholder}>`,
    text: `${text} (default ${fallback})`,
  }));
  const width = Math.max(...rows.map(({ option }) => option.length));
  return [usage, '', ...rows.map(({ option, text }) => `  ${option.padEnd(width)}  ${text}`)].join('\n');
}

/**
 * A whole number of at least `lowest`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the option and the value received
 */
export function requireWhole(option: string, value: string, lowest: number): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isSafeInteger(number) && number >= lowest) return number;
  throw new TracewrightError('TW_BAD_OPTION', `--${option} must be a whole number of at least ${lowest}, received ${value}`, {
    data: { option },
  });
}
