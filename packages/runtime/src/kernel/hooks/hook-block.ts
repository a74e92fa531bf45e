import { requireKnownKeys, requirePlainObject, requireText } from '../check.ts';
import { badOption, isTracewrightError } from '../errors.ts';

/** Marks blocks across two copies of this package: `instanceof` would not. */
const mark = Symbol.for('tracewright.hook.block');

/** A code is an attribute whatever the content policy says: it must not hold a text. */
const codeShape = /^[\w.:-]{1,64}$/;

/** The answer of a hook that blocks an operation. Made by `block` only: nothing else that a hook returns stops anything. */
export interface Block {
  readonly reason: string;
  /** What a program can tell it by. Default `blocked`. */
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

export interface BlockOptions {
  /** Of low cardinality: it becomes an attribute. Default `blocked`. */
  readonly code?: string | undefined;
  /** For the program that catches the error; never on a span. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Says no, with a reason: returned by a hook that may block, it has the operation fail with `TW_BLOCKED`.
 *
 * `reason` and `code` are seen in traces: what people or models said belongs in `details`. A hook that fails because it made a block without a reason
 * fails closed, whatever its `onFailure` says: it meant to block.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` without a reason, or for a wrong option
 * @example return block('the tool is not on the list', { code: 'tool_denied', details: { tool: payload.name } });
 */
export function block(reason: string, options: BlockOptions = {}): Block {
  try {
    requireText('reason of block', reason);
    requireKnownKeys('options of block', requirePlainObject('options of block', options), ['code', 'details']);
    const { code = 'blocked', details } = options;
    if (typeof code !== 'string' || !codeShape.test(code)) throw badOption('code of block', 'a short name without spaces', code);
    if (details !== undefined) requirePlainObject('details of block', details);
    return Object.freeze(marked({ reason, code, details }));
  } catch (error) {
    // Whoever tried to block must not let the operation pass by a mistake in the words.
    throw isTracewrightError(error) ? marked(error) : error;
  }
}

/** Whether `block` made it. A copy of a block is none. */
export function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && mark in value && !(value instanceof Error);
}

/** Whether a hook threw it when it tried to make a block. Never throws. */
export function isFailedBlock(error: unknown): boolean {
  try {
    return error instanceof Error && mark in error;
  } catch {
    // An error that cannot even be looked at is none of ours.
    return false;
  }
}

function marked<T extends object>(value: T): T {
  return Object.defineProperty(value, mark, { value: true });
}
