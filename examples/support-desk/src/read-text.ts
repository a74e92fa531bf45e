export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 413 | 415; readonly problem: string };

/** Far above any honest ticket. */
const maxBytes = 16 * 1024;

/**
 * Reads the body of a JSON request, of at most 16 KiB; a longer one is left unread.
 *
 * @throws the reason of `signal` once it aborts: a client that sends no more must not hold up whoever waits for this
 */
export async function readJsonText({ headers, body }: Request, signal: AbortSignal): Promise<ReadText> {
  const type = headers.get('content-type');
  if (type === null || !/^application\/json\s*(;|$)/i.test(type)) {
    return { ok: false, status: 415, problem: `content-type must be application/json, received ${type === null ? 'none' : `"${type}"`}` };
  }
  const tooLong: ReadText = { ok: false, status: 413, problem: `the body is longer than ${maxBytes} bytes` };
  if (Number(headers.get('content-length')) > maxBytes) return tooLong;
  if (body === null) return { ok: true, text: '' };
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of untilAborted(body, signal)) {
    length += part.byteLength;
    if (length > maxBytes) return tooLong;
    parts.push(part);
  }
  return { ok: true, text: Buffer.concat(parts).toString('utf8') };
}

/** The parts of `body`. When `signal` aborts, who waits for the next part gets the reason. A body that is not read to its end is cancelled. */
async function* untilAborted(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  // A read that is under way ends as if the body were complete. That it may be closed or broken already is of no interest.
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}
