import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { requireKnownKeys, requirePlainObject } from '../../kernel/check.ts';
import type { LifecycleHandle } from '../../lifecycle/lifecycle.ts';
import { renderTree } from '../../lifecycle/render-tree.ts';
import { wantsJson } from './answer-type.ts';
import { DeploymentHealth, type HealthSubject } from './deployment-health.ts';
import { type HealthAddressOptions, listening, requireHealthAddress } from './health-address.ts';
import type { Probe } from './health-state.ts';

export type HealthOptions = HealthAddressOptions;

/** Answers probes until it is closed. It keeps no process alive. */
export interface HealthServer extends AsyncDisposable {
  /** Where it answers: `http://127.0.0.1:8080`. */
  readonly origin: string;
  close(): Promise<void>;
}

const probes: ReadonlyMap<string, Probe> = new Map([
  ['/startupz', 'startup'],
  ['/readyz', 'readiness'],
  ['/livez', 'liveness'],
]);
const treePath = '/tree';

/**
 * Answers `/startupz`, `/readyz` and `/livez` with 200 or 503 and what each component is doing, as JSON; and `/tree` with the tree of lifecycles, as text, or as JSON for
 * clients that accept `application/json`.
 *
 * Readiness ends when the deployment is asked to stop, liveness does not: close it last, when the deployment is `done`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`; `TW_LISTEN` where the address cannot be had
 * @example
 * const health = await serveHealth(deployment, { port: 8080, host: '0.0.0.0' });
 * await deployment.done;
 * await health.close();
 */
export async function serveHealth(deployment: HealthSubject, options: HealthOptions): Promise<HealthServer> {
  requireKnownKeys('health', requirePlainObject('health', options), ['port', 'host', 'maxStallMs']);
  const { maxStallMs, ...address } = requireHealthAddress('health', options);
  const service = new HealthService(deployment, maxStallMs);
  await service.listen(address);
  return service;
}

class HealthService implements HealthServer {
  readonly #lifecycle: LifecycleHandle;
  readonly #health: DeploymentHealth;
  readonly #server: Server;
  origin = '';
  #closed: Promise<void> | undefined;

  constructor(deployment: HealthSubject, maxStallMs: number) {
    this.#lifecycle = deployment.lifecycle;
    this.#health = new DeploymentHealth(deployment, { maxStallMs });
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.unref();
  }

  async listen(address: { readonly port: number; readonly host: string }): Promise<void> {
    this.origin = `http://${await listening(this.#server, address)}`;
    this.#health.start();
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#health.stop();
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #answer({ method, url = '/', headers }: IncomingMessage, response: ServerResponse): void {
    const [path = '/'] = url.split('?', 1);
    const probe = probes.get(path);
    if (probe === undefined && path !== treePath)
      sendJson(response, 404, { error: `there are ${[...probes.keys(), treePath].join(', ')}` });
    else if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      sendJson(response, 405, { error: 'GET or HEAD' });
    } else if (probe === undefined) this.#answerTree(wantsJson(headers.accept), response);
    else this.#answerProbe(probe, response);
  }

  #answerTree(asJson: boolean, response: ServerResponse): void {
    const tree = this.#lifecycle.tree();
    if (asJson) sendJson(response, 200, tree);
    else send(response, 200, { type: 'text/plain; charset=utf-8', text: renderTree(tree) });
  }

  #answerProbe(probe: Probe, response: ServerResponse): void {
    const report = this.#health.report(probe);
    sendJson(response, report.ok ? 200 : 503, report);
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, { type: 'application/json', text: JSON.stringify(body) });
}

function send(response: ServerResponse, status: number, { type, text }: { readonly type: string; readonly text: string }): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}
