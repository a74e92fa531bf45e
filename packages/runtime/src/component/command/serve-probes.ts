import { once } from 'node:events';
import { createServer } from 'node:net';
import { TracewrightError } from '../../kernel/errors.ts';
import type { HealthSubject } from '../health/deployment-health.ts';
import { serveHealth } from '../health/serve-health.ts';
import type { Address } from './address.ts';
import { loadOptional } from './load-optional.ts';
import { codeOf, said } from './said-by-errors.ts';

export interface ProbeAddresses {
  readonly health: Address | undefined;
  readonly grpcHealth: Address | undefined;
}

/** The servers that answer probes. */
export interface Probes {
  /** Where they answer, by the name of the flag. */
  readonly addresses: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Answers probes where it was asked for.
 *
 * @throws {TracewrightError} `TW_LISTEN` where an address cannot be had: nothing listens then
 */
export async function serveProbes(deployment: HealthSubject, { health, grpcHealth }: ProbeAddresses): Promise<Probes> {
  const addresses: Record<string, string> = {};
  const servers: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    if (health !== undefined) {
      const server = await serveHealth(deployment, health);
      servers.push(server);
      addresses['health'] = server.origin;
    }
    if (grpcHealth !== undefined) {
      const { serveGrpcHealth } = await loadGrpcHealth();
      const server = await serveGrpcHealth(deployment, grpcHealth);
      servers.push(server);
      addresses['grpcHealth'] = server.address;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}

/**
 * Looks before anything starts whether probes can be answered: a component must not have handled messages when that is found out.
 *
 * @throws {TracewrightError} `TW_LISTEN` where an address is in use; `TW_BAD_OPTION` where packages are missing
 */
export async function requireProbes({ health, grpcHealth }: ProbeAddresses): Promise<void> {
  if (grpcHealth !== undefined) await loadGrpcHealth();
  for (const address of [health, grpcHealth]) if (address !== undefined) await requireFree(address);
}

async function requireFree({ host, port }: Address): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const why = codeOf(cause) === 'EADDRINUSE' ? 'it is in use' : said(cause);
    throw new TracewrightError('TW_LISTEN', `health cannot be served on ${host}:${port}: ${why}`, { data: { host, port }, cause });
  }
  server.close();
  await once(server, 'close');
}

function loadGrpcHealth(): Promise<typeof import('tracewright/grpc-health')> {
  return loadOptional('--grpc-health', ['@grpc/grpc-js', 'grpc-health-check'], () => import('tracewright/grpc-health'));
}
