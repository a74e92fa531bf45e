import { requireText } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import type { OutgoingMessage } from '../transport.ts';

/** A message as the broker has it: one for all groups, and nobody outside holds any part of it that can be changed. */
export interface StoredMessage {
  readonly id: string;
  readonly key: string | undefined;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly publishedAt: number;
}

/**
 * A copy of `message`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a part of the wrong shape; values of headers and the body are not shown
 */
export function storeMessage(message: OutgoingMessage, publishedAt: number): StoredMessage {
  const { id, key, body } = message;
  if (!(body instanceof Uint8Array)) throw badOption('message.body', 'a Uint8Array', typeof body);
  if (key !== undefined && typeof key !== 'string') throw badOption('message.key', 'a string', typeof key);
  return { id: requireText('message.id', id), key, body: new Uint8Array(body), headers: copyHeaders(message.headers), publishedAt };
}

function copyHeaders(headers: OutgoingMessage['headers']): Readonly<Record<string, string>> {
  const entries = Object.entries(headers);
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw badOption(`message.headers.${name}`, 'a string', typeof value);
  }
  return Object.freeze(Object.fromEntries(entries));
}
