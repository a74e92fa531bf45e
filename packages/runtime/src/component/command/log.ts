import { type Clock, systemClock } from '../../kernel/clock.ts';
import type { Environment } from './flag.ts';
import type { Output } from './output.ts';
import { shown } from '../topology/shown.ts';
import { plainText } from './plain-text.ts';
import { codeOf, remedyOf, said, stackOf } from './said-by-errors.ts';
import { type LastSaid, oneOf } from './settings.ts';

/** Facts beside a message, for machines. What is undefined is left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a program says while it runs: text for people, or one JSON object a line. */
export interface Log {
  readonly format: 'text' | 'json';
  readonly isDebug: boolean;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** With the code and message of `error`, what to do about it, and at the level `debug` its stack. */
  failure(message: string, error: unknown): void;
}

export interface LogOptions {
  readonly output: Output;
  readonly env: Environment;
  readonly clock?: Clock | undefined;
}

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** @throws {TracewrightError} `TW_BAD_OPTION` naming the flag or variable that is wrong */
export function logOf(last: LastSaid, options: LogOptions): Log {
  const level = oneOf<(typeof levels)[number]>(last('log-level'), levels) ?? 'info';
  const format = oneOf(last('log-format'), ['text', 'json']) ?? 'text';
  return logIn({ level, format }, options);
}

/** As `logOf`, before what was said has been checked: what is wrong in it counts as not said. */
export function earlyLog(last: LastSaid, options: LogOptions): Log {
  const level = levels.find((each) => each === last('log-level')?.values.at(-1)?.trim()) ?? 'info';
  const format = last('log-format')?.values.at(-1)?.trim() === 'json' ? 'json' : 'text';
  return logIn({ level, format }, options);
}

interface LogStyle {
  readonly level: (typeof levels)[number];
  readonly format: 'text' | 'json';
}

function logIn({ level, format }: LogStyle, { output, env, clock = systemClock }: LogOptions): Log {
  const isColoured = format === 'text' && output.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  const line = format === 'json' ? jsonLine : (entry: Entry): string => textLine(entry, isColoured);
  const write = (severity: LogLevel, message: string, fields: LogFields = {}): void => {
    if (levels.indexOf(severity) < levels.indexOf(level)) return;
    output.write(`${line({ time: new Date(clock.now()).toISOString(), level: severity, message, fields })}\n`);
  };
  const isDebug = level === 'debug';
  return {
    format,
    isDebug,
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    failure(message, error) {
      const fields = { code: codeOf(error), remedy: remedyOf(error), stack: isDebug ? stackOf(error) : undefined };
      write('error', `${message}: ${said(error)}`, fields);
    },
  };
}

interface Entry {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

function jsonLine({ time, level, message, fields }: Entry): string {
  return JSON.stringify({ time, level, message, ...fields });
}

const colours: Readonly<Record<LogLevel, string>> = { debug: '\u001B[2m', info: '\u001B[36m', warn: '\u001B[33m', error: '\u001B[31m' };

function textLine({ time, level, message, fields }: Entry, isColoured: boolean): string {
  const { stack, remedy, ...rest } = fields;
  const pairs = Object.entries(rest).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${valueText(value)}`]));
  const padded = level.padEnd(5);
  const head = `${time} ${isColoured ? `${colours[level]}${padded}\u001B[0m` : padded}`;
  const below = [...(remedy === undefined ? [] : [`what to do: ${valueText(remedy)}`]), ...(stack === undefined ? [] : [String(stack)])];
  return [[`${head} ${plainText(message)}`, ...pairs].join('  '), ...below.map(plainText)].join('\n').replaceAll('\n', '\n  ');
}

function valueText(value: string | number | boolean | readonly string[]): string {
  return shown(typeof value === 'object' ? value.join(',') : String(value));
}
