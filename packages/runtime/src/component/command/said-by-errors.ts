import type { ErrorCode } from '@tracewright/conventions';
import { isTracewrightError } from '../../kernel/errors.ts';

/** What to do about a failure whose message does not say so itself. */
const remedies: Partial<Readonly<Record<ErrorCode, string>>> = {
  TW_TRANSPORT: 'look at --transport, and at the TRACEWRIGHT_TRANSPORT_ variables where the broker wants credentials or TLS',
  TW_LISTEN: 'choose another address, or end what listens there',
  TW_COMPONENT_OPTIONS: 'correct the footprint, or what --set and the flags of components say',
  TW_ELSEWHERE: 'say where this is by --location',
  TW_TOPOLOGY: 'bind what does not fit, name destinations of other programs by --external, or leave --strict out',
  TW_UNDECLARED_ASPECT: 'declare it among the aspects of the component',
  TW_UNDECLARED_INTEREST: 'declare it among the interests of the component',
};

/** What an error says, for people: without its stack. */
export function said(error: unknown): string {
  if (isTracewrightError(error)) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  if (error instanceof AggregateError && message === '') return error.errors.map(said).join('; ');
  return message === '' ? name : name === 'Error' ? message : `${name}: ${message}`;
}

/** What can be done about it, where somebody knows. */
export function remedyOf(error: unknown): string | undefined {
  return isTracewrightError(error) ? remedies[error.code] : undefined;
}

/** The code of an error: of ours, of Node's. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Where it was thrown, with what caused it: for whoever wants to know all. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? String(error);
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}
