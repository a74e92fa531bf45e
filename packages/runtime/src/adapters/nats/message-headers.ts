import { headers as natsHeaders, type MsgHdrs } from '@nats-io/nats-core';
import { requirePlainObject, requireText } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import { headers as ours } from '../../component/headers.ts';
import type { OutgoingMessage } from '../../component/transport.ts';
import { decodeHeaderValue, encodeHeaderValue, percentEncode } from './header-value.ts';

/** What the broker goes by when it removes duplicates. */
const duplicateHeader = 'Nats-Msg-Id';
const idHeader = 'tracewright-id';
const keyHeader = 'tracewright-key';

/** What is no header of the message's own: those that NATS reads or writes, and ours. */
const reserved = /^(?:nats-.*|tracewright-id|tracewright-key)$/i;

/** What NATS allows in a name. */
const name = /^[\x21-\x39\x3b-\x7e]+$/;

/** What a message has beside its body. */
export interface MessageParts {
  readonly id: string;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The headers of a message as NATS carries them.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for names that NATS does not allow or keeps for itself; values are not shown
 */
export function encodeHeaders(destination: string, { id, key, headers }: Omit<OutgoingMessage, 'body'>): MsgHdrs {
  const encoded = natsHeaders();
  for (const [header, value] of Object.entries(requirePlainObject('message.headers', headers))) {
    if (!name.test(header)) throw badOption('the name of a header', 'printable ASCII without white space and colons', header);
    if (reserved.test(header)) throw badOption('the name of a header', 'none that NATS or the transport keeps for itself', header);
    if (typeof value !== 'string') throw badOption(`message.headers.${header}`, 'a string', typeof value);
    encoded.set(header, encodeHeaderValue(value));
  }
  if (key !== undefined && typeof key !== 'string') throw badOption('message.key', 'a string', typeof key);
  encoded.set(idHeader, encodeHeaderValue(requireText('message.id', id)));
  if (key !== undefined) encoded.set(keyHeader, encodeHeaderValue(key));
  encoded.set(duplicateHeader, duplicateKey(destination, id, headers));
  return encoded;
}

/**
 * What two publications share when one of them is too many. A stream may hold a destination and its dead letters, which keep their ids; each group has dead letters of
 * its own, and of each destination where several have one grave.
 */
function duplicateKey(destination: string, id: string, headers: OutgoingMessage['headers']): string {
  const { group, origin } = ours.deadLetter;
  return [id, destination, headers[group], headers[origin]].flatMap((part) => (part === undefined ? [] : [percentEncode(part)])).join('@');
}

/** How many bytes `headers` are on the wire, where all is ASCII. */
export function bytesOf(headers: MsgHdrs): number {
  let bytes = 'NATS/1.0\r\n\r\n'.length;
  for (const [header, values] of headers) {
    for (const value of values) bytes += header.length + value.length + ': \r\n'.length;
  }
  return bytes;
}

/** The parts of a message that came, also of one that another program has published; `place` is its id where it has none. */
export function decodeHeaders(given: MsgHdrs | undefined, place: string): MessageParts {
  if (given === undefined) return { id: place, key: undefined, headers: Object.freeze({}) };
  const own = [...given].filter(([header]) => !reserved.test(header));
  const headers = Object.fromEntries(own.map(([header, values]) => [nameHere(header), values.map(decodeHeaderValue).join(', ')]));
  return {
    id: decodeHeaderValue(given.get(idHeader)) || given.get(duplicateHeader) || place,
    key: given.has(keyHeader) ? decodeHeaderValue(given.get(keyHeader)) : undefined,
    headers: Object.freeze(headers),
  };
}

const known = new Set<string>(['traceparent', 'tracestate', 'baggage', ours.contentType]);

/** As it is, but for those that are read here: other clients write them with capitals. */
function nameHere(header: string): string {
  const lower = header.toLowerCase();
  return known.has(lower) ? lower : header;
}

/** The headers of `message`; none where the client cannot read them: what another program has sent is handed out all the same. */
export function headersOf(message: { readonly headers?: MsgHdrs | undefined }): MsgHdrs | undefined {
  try {
    return message.headers;
  } catch {
    return undefined;
  }
}
