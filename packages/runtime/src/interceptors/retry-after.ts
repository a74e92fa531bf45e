/**
 * How long the other side asks to wait, in milliseconds from `nowMs` (since the Unix epoch): by `retryAfterMs` of the error, its `retryAfter` (seconds, a `Date`
 * or the text of the header), or the header `retry-after` in its `headers` or those of its `response`. `undefined` where it asks for nothing that can be
 * read.
 */
export function retryAfterMs(error: unknown, nowMs: number): number | undefined {
  try {
    return asked(error, nowMs);
  } catch {
    // Errors are built by anybody: one that throws when it is read asks for nothing.
    return undefined;
  }
}

function asked(error: unknown, nowMs: number): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { retryAfterMs: ms, retryAfter, headers, response } = error as Readonly<Record<string, unknown>>; // Each is checked before it is used.
  if (isWait(ms)) return ms;
  return fromValue(retryAfter, nowMs) ?? fromHeaders(headers, nowMs) ?? fromResponse(response, nowMs);
}

function fromResponse(response: unknown, nowMs: number): number | undefined {
  return typeof response === 'object' && response !== null && 'headers' in response ? fromHeaders(response.headers, nowMs) : undefined;
}

function fromHeaders(headers: unknown, nowMs: number): number | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  if ('get' in headers && typeof headers.get === 'function') return fromValue(headers.get('retry-after'), nowMs);
  const [, value]: readonly unknown[] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after') ?? [];
  return fromValue(Array.isArray(value) ? value[0] : value, nowMs);
}

const msPerSecond = 1000;
const seconds = /^\d+(\.\d+)?$/;
/** The three shapes of a date in HTTP; the last, which C’s `asctime` writes, names no zone and means UTC. */
const httpDate = /^[A-Z][a-z]{2,8}, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT$/;
const asctimeDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

function fromValue(value: unknown, nowMs: number): number | undefined {
  if (isWait(value)) return value * msPerSecond;
  if (value instanceof Date) return until(value.getTime(), nowMs);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (seconds.test(text)) return Number(text) * msPerSecond;
  if (httpDate.test(text)) return until(Date.parse(text), nowMs);
  return asctimeDate.test(text) ? until(Date.parse(`${text} GMT`), nowMs) : undefined;
}

/** A moment that has passed asks for no wait. */
function until(epochMs: number, nowMs: number): number | undefined {
  return Number.isNaN(epochMs) ? undefined : Math.max(0, epochMs - nowMs);
}

function isWait(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}
