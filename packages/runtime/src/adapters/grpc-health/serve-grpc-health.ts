import { createServer, type Server as Listener, type Socket } from 'node:net';
import { type ConnectionInjector, Server, ServerCredentials } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import type { HealthSubject } from '../../component/health/deployment-health.ts';
import { type HealthAddressOptions, listening, requireHealthAddress } from '../../component/health/health-address.ts';
import { requireKnownKeys, requirePlainObject } from '../../kernel/check.ts';
import { badSecretOption } from '../../kernel/errors.ts';
import { healthMethods } from './health-methods.ts';
import { ServiceStatuses } from './service-statuses.ts';
import { Watches } from './watches.ts';

export interface GrpcHealthOptions extends HealthAddressOptions {
  /** For TLS: `ServerCredentials.createSsl(…)` of `@grpc/grpc-js`. Default: none. Kubernetes asks without. */
  readonly credentials?: ServerCredentials | undefined;
}

/** Answers probes until it is closed. It keeps no process alive. */
export interface GrpcHealthServer extends AsyncDisposable {
  /** Where it answers, as clients of gRPC are given it: `127.0.0.1:50051`. */
  readonly address: string;
  /** Ends every watch, then the connections; those that are left after a second are cut. */
  close(): Promise<void>;
}

/** What clients have for leaving by themselves when it closes. Milliseconds. */
const closeGraceMs = 1000;

/** Requests have one short name in them. Channelz would keep books on every connection for nobody. */
const serverOptions = { 'grpc.max_receive_message_length': 16_384, 'grpc.enable_channelz': 0 };

/**
 * Answers `Check`, `List` and `Watch` of `grpc.health.v1` for a deployment: `''` and `readiness`, `startup`, `liveness`, and each instance by its name.
 *
 * Readiness ends when the deployment is asked to stop, liveness does not: close it last, when the deployment is `done`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`; `TW_LISTEN` where the address cannot be had
 * @example
 * const health = await serveGrpcHealth(deployment, { port: 50051, host: '0.0.0.0' });
 * await deployment.done;
 * await health.close();
 */
export async function serveGrpcHealth(deployment: HealthSubject, options: GrpcHealthOptions): Promise<GrpcHealthServer> {
  requireKnownKeys('grpcHealth', requirePlainObject('grpcHealth', options), ['port', 'host', 'maxStallMs', 'credentials']);
  const { credentials = ServerCredentials.createInsecure() } = options;
  const { maxStallMs, ...address } = requireHealthAddress('grpcHealth', options);
  if (!(credentials instanceof ServerCredentials))
    throw badSecretOption('grpcHealth.credentials', 'ServerCredentials of @grpc/grpc-js', credentials);
  const health = new GrpcHealth(deployment, maxStallMs, credentials);
  await health.listen(address);
  return health;
}

class GrpcHealth implements GrpcHealthServer {
  readonly #statuses: ServiceStatuses;
  readonly #watches: Watches;
  readonly #server = new Server(serverOptions);
  readonly #injector: ConnectionInjector;
  /** Ours, not that of gRPC: only so it can be kept from keeping the process alive, and its errors have codes. */
  readonly #listener: Listener;
  readonly #sockets = new Set<Socket>();
  address = '';
  #closed: Promise<void> | undefined;

  constructor(deployment: HealthSubject, maxStallMs: number, credentials: ServerCredentials) {
    this.#watches = new Watches({ statusOf: (name) => this.#statuses.of(name), maxStallMs });
    this.#statuses = new ServiceStatuses(deployment, {
      maxStallMs,
      onChange: () => this.#watches.refresh(),
    });
    this.#server.addService(service, healthMethods(this.#statuses, this.#watches));
    this.#injector = this.#server.createConnectionInjector(credentials);
    this.#listener = createServer((socket) => this.#accept(socket));
    this.#listener.unref();
  }

  async listen(address: { readonly port: number; readonly host: string }): Promise<void> {
    try {
      this.address = await listening(this.#listener, address);
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#statuses.start();
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#statuses.end();
      this.#statuses.release();
      this.#watches.end();
      // Keeps the process alive: somebody waits for the end.
      const cut = setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy();
      }, closeGraceMs);
      this.#listener.close(() => {
        clearTimeout(cut);
        resolve();
      });
      this.#server.tryShutdown(() => undefined);
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(socket: Socket): void {
    socket.unref();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#injector.injectConnection(socket);
  }
}
