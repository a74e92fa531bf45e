import type { ErrorCode } from '@tracewright/conventions';
import { inspect } from 'node:util';

/** Marks our errors across two copies of this package: `instanceof` would not. */
const mark = Symbol.for('tracewright.error');

/**
 * The one error class of Tracewright. `code` is a key of the table in `docs/errors.md`; `data` holds what a program can act on.
 */
export class TracewrightError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'TracewrightError';
  readonly code: Code;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, options: { readonly data?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.data = Object.freeze({ ...options.data });
    Object.defineProperty(this, mark, { value: true });
  }
}

/** Whether `error` is a Tracewright error, and of the given code when one is asked for. Holds across two copies of the package. */
export function isTracewrightError<Code extends ErrorCode = ErrorCode>(error: unknown, code?: Code): error is TracewrightError<Code> {
  return error instanceof Error && mark in error && (code === undefined || ('code' in error && error.code === code));
}

/** The error for a value of the wrong shape: names the option and shows what was received. */
export function badOption(option: string, expected: string, received: unknown): TracewrightError<'TW_BAD_OPTION'> {
  return new TracewrightError('TW_BAD_OPTION', `${option} must be ${expected}, received ${show(received)}`, { data: { option, expected } });
}

/** As `badOption`, for a value that may hold credentials: says what it is, and shows nothing of it. */
export function badSecretOption(option: string, expected: string, received: unknown): TracewrightError<'TW_BAD_OPTION'> {
  return new TracewrightError('TW_BAD_OPTION', `${option} must be ${expected}, received ${kindOf(received)}`, {
    data: { option, expected },
  });
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return inspect(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    const keys = Object.keys(value);
    return Array.isArray(value) || keys.length === 0 ? inspect(value, { depth: -1 }) : `an object with ${keys.slice(0, 10).join(', ')}`;
  } catch {
    return 'an object that cannot be read';
  }
}

function show(value: unknown): string {
  try {
    const text = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80, maxArrayLength: 5 });
    return text.length > 160 ? `${text.slice(0, 160)}…` : text;
  } catch {
    // A value whose own inspection throws is still a wrong value: say so rather than fail differently.
    return `a ${typeof value} that cannot be shown`;
  }
}
