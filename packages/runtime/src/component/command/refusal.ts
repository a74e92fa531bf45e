import { isTracewrightError } from '../../kernel/errors.ts';
import type { Output } from './output.ts';
import { plainText } from './plain-text.ts';
import { codeOf, remedyOf, said, stackOf } from './said-by-errors.ts';

/** What a program says when it cannot do what it was asked for. */
export interface RefusalStyle {
  readonly stderr: Output;
  readonly format: 'text' | 'json';
  /** With the stack. */
  readonly isDebug: boolean;
}

/** Says why nothing was done, and gives the exit code: 2 where it was asked for in the wrong way, 1 for the rest. */
export function refuse(error: unknown, { stderr, format, isDebug }: RefusalStyle): number {
  const code = codeOf(error);
  const remedy = remedyOf(error);
  const stack = isDebug ? stackOf(error) : undefined;
  const message = said(error);
  if (format === 'json')
    stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level: 'error', message, code, remedy, stack })}\n`);
  else {
    const isUsage = code === undefined || code === 'TW_BAD_OPTION';
    const lines = [
      `error${isUsage ? '' : ` ${code}`}: ${message}`,
      ...(remedy === undefined ? [] : [`what to do: ${remedy}`]),
      ...(stack === undefined ? [] : [stack]),
    ];
    stderr.write(`${plainText(lines.join('\n')).replaceAll('\n', '\n  ')}\n`);
  }
  return isTracewrightError(error, 'TW_BAD_OPTION') ? 2 : 1;
}
