import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { requireKnownKeys, requirePlainObject, requirePositive, requireText } from '../../kernel/check.ts';
import { badOption, TracewrightError } from '../../kernel/errors.ts';
import type { Deployment } from '../deploy.ts';
import { type Probe, reportHealth } from './health-state.ts';

export interface HealthOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Default `127.0.0.1`. An orchestrator that asks from outside needs `0.0.0.0`. */
  readonly host?: string | undefined;
  /** How long the event loop may stand still before the process counts as dead, in milliseconds. Default 10000. */
  readonly maxStallMs?: number | undefined;
}

/** Answers probes until it is closed. It keeps no process alive. */
export interface HealthServer extends AsyncDisposable {
  /** Where it answers: `http://127.0.0.1:8080`. */
  readonly origin: string;
  close(): Promise<void>;
}

const probes: Readonly<Record<string, Probe>> = { '/startupz': 'startup', '/readyz': 'readiness', '/livez': 'liveness' };
const nanosPerMilli = 1_000_000;

/**
 * Answers `/startupz`, `/readyz` and `/livez` with 200 or 503 and what each component is doing, as JSON.
 *
 * Readiness ends when the deployment is asked to stop, liveness does not: close it last, when the deployment is `done`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`; `TW_LISTEN` where the address cannot be had
 * @example
 * const health = await serveHealth(deployment, { port: 8080, host: '0.0.0.0' });
 * await deployment.done;
 * await health.close();
 */
export async function serveHealth(deployment: Deployment, options: HealthOptions): Promise<HealthServer> {
  requireKnownKeys('health', requirePlainObject('health', options), ['port', 'host', 'maxStallMs']);
  const { port, host = '127.0.0.1', maxStallMs = 10_000 } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw badOption('health.port', 'a whole number from 0 to 65535', port);
  requireText('health.host', host);
  requirePositive('health.maxStallMs', maxStallMs);
  const service = new HealthService(deployment, maxStallMs);
  await service.listen(port, host);
  return service;
}

class HealthService implements HealthServer {
  readonly #deployment: Deployment;
  readonly #maxStallMs: number;
  readonly #server: Server;
  readonly #delay: IntervalHistogram;
  origin = '';
  #isUp = false;
  #closed: Promise<void> | undefined;

  constructor(deployment: Deployment, maxStallMs: number) {
    this.#deployment = deployment;
    this.#maxStallMs = maxStallMs;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.unref();
    this.#delay = monitorEventLoopDelay({ resolution: 50 });
    deployment.ready.then(
      () => {
        this.#isUp = true;
      },
      () => undefined,
    );
  }

  async listen(port: number, host: string): Promise<void> {
    this.#server.listen(port, host);
    try {
      await once(this.#server, 'listening');
    } catch (cause) {
      const why = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE' ? 'it is in use' : String(cause);
      throw new TracewrightError('TW_LISTEN', `health cannot be served on ${host}:${port}: ${why}`, { data: { host, port }, cause });
    }
    const { address, port: bound, family } = this.#server.address() as AddressInfo; // It listens on a port, not on a pipe.
    this.origin = `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
    this.#delay.enable();
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#delay.disable();
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
    const [path = '/'] = url.split('?', 1);
    const probe = Object.hasOwn(probes, path) ? probes[path] : undefined;
    if (probe === undefined) send(response, 404, { error: `there are ${Object.keys(probes).join(', ')}` });
    else if (method !== 'GET' && method !== 'HEAD') send(response, 405, { error: 'GET or HEAD' });
    else {
      const report = reportHealth(probe, {
        deployment: this.#deployment,
        isUp: this.#isUp,
        isEnding: this.#deployment.grace.aborted,
        stalledMs: this.#longestStall(),
        maxStallMs: this.#maxStallMs,
      });
      send(response, report.ok ? 200 : 503, report);
    }
  }

  /** Since it was asked the last time, in milliseconds. */
  #longestStall(): number {
    const { max } = this.#delay;
    this.#delay.reset();
    return max / nanosPerMilli;
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
