export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 413 | 415; readonly problem: string };

/** Far above any honest ticket. */
const maxBytes = 16 * 1024;

/** Reads the body of a JSON request, of at most 16 KiB; a longer one is left unread. */
export async function readJsonText({ headers, body }: Request): Promise<ReadText> {
  const type = headers.get('content-type');
  if (type === null || !/^application\/json\s*(;|$)/i.test(type)) {
    return { ok: false, status: 415, problem: `content-type must be application/json, received ${type === null ? 'none' : `"${type}"`}` };
  }
  const tooLong: ReadText = { ok: false, status: 413, problem: `the body is longer than ${maxBytes} bytes` };
  if (Number(headers.get('content-length')) > maxBytes) return tooLong;
  if (body === null) return { ok: true, text: '' };
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.byteLength;
    if (length > maxBytes) return tooLong;
    parts.push(part);
  }
  return { ok: true, text: Buffer.concat(parts).toString('utf8') };
}
