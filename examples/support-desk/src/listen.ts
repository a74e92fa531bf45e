import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Server as DeskServer } from './reception.ts';
import type { Service } from './service.ts';

/** A server that listens. */
export interface ListeningServer extends DeskServer {
  /** Such as `http://127.0.0.1:3000`. */
  readonly origin: string;
  /** Closes idle connections now, and those that still send after a moment of grace. */
  close(): Promise<void>;
}

const hostname = '127.0.0.1';
/** The last bytes of an answer may still be on their way when its operation has ended. */
const graceMs = 500;

/**
 * Listens on loopback, before there is a desk: a port that is taken shall be known before any work has begun.
 *
 * @throws {Error} as Node's `listen`: `EADDRINUSE`, `EACCES`
 */
export async function listen(port: number): Promise<ListeningServer> {
  let app: Service | undefined;
  const fetch = (request: Request): Response | Promise<Response> => app?.fetch(request) ?? new Response(null, { status: 503 });
  // Without options of its own, the adaptor makes a server of node:http.
  const server = createAdaptorServer({ fetch }) as Server;
  server.listen(port, hostname);
  await once(server, 'listening');
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  let closed: Promise<void> | undefined;
  const stopAccepting = (): void => {
    closed ??= new Promise((resolve) => server.close(() => resolve()));
  };
  return {
    origin: `http://${hostname}:${boundPort}`,
    serve(given) {
      app = given;
    },
    stopAccepting,
    async close() {
      stopAccepting();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** What to do about a port that cannot be had; undefined for any other error. */
export function describeListenError(error: unknown, port: number): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken by another program. Choose another one with --port, or --port 0 for any that is free.`;
  return code === 'EACCES' ? `Port ${port} may not be used without further rights. Choose one above 1023 with --port.` : undefined;
}
