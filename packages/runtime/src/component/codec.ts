/** How payloads become bytes and come back. */
export interface Codec {
  /** Goes with each message as the header `content-type`. */
  readonly contentType: string;
  /** What it throws fails the publication. */
  encode(payload: unknown): Uint8Array | Promise<Uint8Array>;
  /** What it throws, or rejects with, marks the message as one that nobody can read. */
  decode(body: Uint8Array): unknown;
}

const encoder = new TextEncoder();
/** Strict: bytes that are no UTF-8 are no JSON. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** JSON in UTF-8, the default. A payload that JSON has no form for, as a function or `undefined`, cannot be sent. */
export const json: Codec = Object.freeze({
  contentType: 'application/json',
  encode(payload: unknown): Uint8Array {
    const text: string | undefined = JSON.stringify(payload); // Its type leaves `undefined` out.
    if (text === undefined) throw new TypeError(`JSON has no form for ${typeof payload}`);
    return encoder.encode(text);
  },
  decode: (body: Uint8Array): unknown => JSON.parse(decoder.decode(body)) as unknown,
});

/** Bytes as they are: a `Uint8Array`, or a `Buffer`. */
export const bytes: Codec = Object.freeze({
  contentType: 'application/octet-stream',
  encode(payload: unknown): Uint8Array {
    // A buffer may be used again at once.
    if (payload instanceof Uint8Array) return payload.slice();
    throw new TypeError(`bytes are sent as a Uint8Array, not as ${typeof payload}`);
  },
  decode: (body: Uint8Array): unknown => body,
});
