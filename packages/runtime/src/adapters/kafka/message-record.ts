import type { KafkaMessage, Message } from 'kafkajs';
import { requirePlainObject, requireText } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import type { OutgoingMessage } from '../../component/transport.ts';

const idHeader = 'tracewright-id';

/** What a message has beside its body. */
export interface MessageParts {
  readonly id: string;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly publishedAt: number | undefined;
}

/**
 * A message as Kafka carries it.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for parts of the wrong shape; values are not shown
 */
export function encodeRecord({ id, key, body, headers }: OutgoingMessage): Message {
  if (!(body instanceof Uint8Array)) throw badOption('message.body', 'a Uint8Array', typeof body);
  if (key !== undefined && typeof key !== 'string') throw badOption('message.key', 'a string', typeof key);
  const encoded: [string, Buffer][] = [[idHeader, Buffer.from(requireText('message.id', id))]];
  for (const [name, value] of Object.entries(requirePlainObject('message.headers', headers))) {
    if (name === idHeader) throw badOption('the name of a header', 'none that the transport keeps for itself', name);
    if (typeof value !== 'string') throw badOption(`message.headers.${name}`, 'a string', typeof value);
    encoded.push([name, Buffer.from(value)]);
  }
  return {
    key: key === undefined ? null : Buffer.from(key),
    value: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    // Name by name: one that is called `__proto__` would be no header.
    headers: Object.fromEntries(encoded),
  };
}

/** The parts of a message that came, also of one that another program has published; `place` is its id where it has none. */
export function decodeRecord({ key, headers: given = {}, timestamp }: KafkaMessage, place: string): MessageParts {
  const own: [string, string][] = [];
  let id = place;
  for (const [name, value] of Object.entries(given)) {
    const text = textOf(value);
    if (name !== idHeader) own.push([name, text]);
    else if (text.length > 0) id = text;
  }
  const publishedAt = Number(timestamp);
  return {
    id,
    key: key === null ? undefined : key.toString(),
    headers: Object.freeze(Object.fromEntries(own)),
    // Brokers say -1 where there is none.
    publishedAt: publishedAt >= 0 ? publishedAt : undefined,
  };
}

type HeaderValue = NonNullable<KafkaMessage['headers']>[string];

function textOf(value: HeaderValue | null): string {
  // Kafka has headers without a value, which the types of the client do not know.
  if (value === undefined || value === null) return '';
  // Beside a header that is called as something that every object has, such as `constructor`, the client gives that as another value.
  if (Array.isArray(value)) return value.filter(isHeaderValue).map(textOf).join(', ');
  return value.toString();
}

function isHeaderValue(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'string' || Buffer.isBuffer(value);
}
