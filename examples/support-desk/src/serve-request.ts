import type { Context } from 'hono';
import { isTracewrightError, type Lifecycle, type Operation, operation, type Runtime, type Scope } from 'tracewright';
import { callerOf, type Fallback } from './callers.ts';

/** What every request needs. */
export interface Serving {
  readonly runtime: Runtime;
  /** Takes new work while it is running, and waits for it. */
  readonly reception: Lifecycle;
  readonly fallback: Fallback;
}

/** Stable name of OpenTelemetry's conventions for HTTP, as are `http.request.method` and `http.route` below. */
export const statusCode = 'http.response.status_code';

/** The operation of a route: a server span that is named by method and route, never by a path with ids in it. */
export function route(method: 'GET' | 'POST', path: string): Operation {
  return operation({ name: `${method} ${path}`, kind: 'server', attributes: { 'http.request.method': method, 'http.route': path } });
}

/** The desk takes no more work. To whom it says so it has failed: the span of the request is an error, as of any answer of 500 and above. */
export class DeskClosed extends Error {
  override readonly name = 'DeskClosed';

  constructor() {
    super('the desk is closing');
  }
}

/**
 * Serves one request as one operation: by the caller that its headers name, in the trace that its `traceparent` names, cancelled when the client goes away.
 * A request that is refused is no failure of this service: its span says which status it got, and no more.
 *
 * @throws whatever `body` throws; `problemOf` makes an answer of it
 */
export function serveRequest(
  context: Context,
  serving: Serving,
  { name, body }: { name: Operation; body: (scope: Scope) => Promise<Response> },
): Promise<Response> {
  const request = context.req.raw;
  const { runtime, reception, fallback } = serving;
  const caller = callerOf(request.headers, fallback);
  const answer = async (scope: Scope): Promise<Response> => {
    try {
      if (!reception.running) throw new DeskClosed();
      const response = caller === undefined ? unnamed() : await body(scope);
      scope.set({ [statusCode]: response.status });
      return response;
    } catch (error: unknown) {
      scope.set({ [statusCode]: problemOf(error).status });
      throw error;
    }
  };
  // Who comes too late is refused outside of the reception, which does not wait for that.
  const owner = reception.running ? reception : runtime;
  return owner.run(name, answer, { as: caller, join: request.headers, signal: request.signal });
}

/** A refusal in words. */
export function problem(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

/** The answer to a request that failed. Its span has the error; the client is told no more than that there was one. */
export function problemOf(error: unknown): Response {
  if (!isClosing(error)) return problem(500, 'the desk has failed');
  return Response.json({ error: 'the desk is closing' }, { status: 503, headers: { 'retry-after': '5' } });
}

/** Whether a request came too late, or was still under way when the desk could wait no longer. */
function isClosing(error: unknown): boolean {
  if (error instanceof DeskClosed || isTracewrightError(error, 'TW_RUNTIME_CLOSED')) return true;
  return isTracewrightError(error, 'TW_CANCELLED') && error.data['by'] === 'shutdown';
}

function unnamed(): Response {
  return problem(401, 'nobody is named: send x-user, x-service or x-agent');
}
