import { Hono } from 'hono';
import { operation, type Scope } from 'tracewright';
import { type Desk, openTicket } from './desk.ts';
import { readJsonText } from './read-text.ts';
import { serveEvents } from './serve-events.ts';
import { problem, problemOf, route, serveRequest, type Serving } from './serve-request.ts';
import { describeTicket } from './tickets.ts';

const postTicket = route('POST', '/tickets');
const getTicket = route('GET', '/tickets/:id');
const getEvents = route('GET', '/tickets/:id/events');
/** The name that OpenTelemetry asks for where no route matches: a path of the client's making has no place in a span name. */
const noRoute = operation({ name: 'HTTP', kind: 'server' });
const routes = 'POST /tickets, GET /tickets/:id, GET /tickets/:id/events';

/** What answers requests. */
export type Service = Hono;

/** The routes of the desk. */
export function createService(serving: Serving, desk: Desk): Service {
  const app = new Hono();

  app.post('/tickets', (c) => serveRequest(c, serving, { name: postTicket, body: (scope) => postedTicket(c.req.raw, scope, desk) }));

  app.get('/tickets/:id', (c) => {
    const ticket = desk.tickets.find(c.req.param('id'));
    const body = async (scope: Scope): Promise<Response> => {
      if (ticket === undefined) return unknownTicket(c.req.param('id'));
      scope.set({ 'ticket.id': ticket.id });
      return c.json(describeTicket(ticket));
    };
    return serveRequest(c, serving, { name: getTicket, body });
  });

  app.get('/tickets/:id/events', (c) => {
    const ticket = desk.tickets.find(c.req.param('id'));
    return serveEvents(c, serving, { name: getEvents, ticket, otherwise: () => unknownTicket(c.req.param('id')) });
  });

  app.notFound((c) =>
    serveRequest(c, serving, { name: noRoute, body: async () => problem(404, `there is no such route; there are ${routes}`) }),
  );
  app.onError((error) => problemOf(error));
  return app;
}

async function postedTicket(request: Request, scope: Scope, desk: Desk): Promise<Response> {
  const read = await scope.run('read body', ({ signal }) => readJsonText(request, signal));
  if (!read.ok) return problem(read.status, read.problem);
  const opened = await openTicket(scope, desk, read.text);
  if (opened.kind === 'refused') return problem(400, opened.problem);
  return Response.json(describeTicket(opened.ticket), { status: 201, headers: { location: `/tickets/${opened.ticket.id}` } });
}

function unknownTicket(id: string): Response {
  return problem(404, `there is no ticket ${id}`);
}
