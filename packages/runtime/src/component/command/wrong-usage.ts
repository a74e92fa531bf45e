import { TracewrightError } from '../../kernel/errors.ts';
import { nearestOf } from '../footprint/nearest.ts';

/** The error for what was asked for in a wrong way: the exit code is 2. `message` holds no value that may be a secret. */
export function wrongUsage(option: string, message: string, cause?: unknown): TracewrightError<'TW_BAD_OPTION'> {
  return new TracewrightError('TW_BAD_OPTION', message, cause === undefined ? { data: { option } } : { data: { option }, cause });
}

/** `no instance or component tilll: there are intake, till; did you mean till?` */
export function unknownName(name: string, names: readonly string[]): string {
  const near = nearestOf(name, names);
  return `no instance or component ${name}: there are ${names.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
}
