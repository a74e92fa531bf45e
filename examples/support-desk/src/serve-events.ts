import type { Context } from 'hono';
import type { Operation } from 'tracewright';
import { callerOf } from './callers.ts';
import { serveRequest, type Serving, statusCode } from './serve-request.ts';
import { eventStream } from './sse.ts';
import type { Ticket } from './tickets.ts';

export interface Events {
  readonly name: Operation;
  /** The ticket to follow; undefined when there is none, which is answered with `otherwise`. */
  readonly ticket: Ticket | undefined;
  readonly otherwise: () => Response;
}

/**
 * Answers a request with server-sent events. Here the stream is the operation: its span begins when the first event is asked for and ends with the last
 * one, or when the client goes away, and it says which of the two it was.
 */
export function serveEvents(context: Context, serving: Serving, { name, ticket, otherwise }: Events): Response | Promise<Response> {
  const { headers } = context.req.raw;
  const caller = callerOf(headers, serving.fallback);
  // Without a stream this is a request like any other, refused in the same way.
  if (caller === undefined || ticket === undefined || !serving.reception.running) {
    return serveRequest(context, serving, { name, body: async () => otherwise() });
  }
  const client = new AbortController();
  const { runtime, reception } = serving;
  // The reception's, but not in it: its drain deadline would end a stream before the worker, at its own end, tells what became of the ticket.
  const events = runtime.stream(
    name,
    (scope) => {
      scope.set({ [statusCode]: 200, 'ticket.id': ticket.id });
      return ticket.progress.follow(scope.signal);
    },
    { as: caller, join: headers, signal: client.signal, identity: { extend: reception.scope.identity } },
  );
  const body = eventStream(events, () => client.abort(new DOMException('the client closed the connection', 'AbortError')));
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
}
