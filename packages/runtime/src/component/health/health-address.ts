import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { requirePositive, requireText } from '../../kernel/check.ts';
import { badOption, TracewrightError } from '../../kernel/errors.ts';

export interface HealthAddressOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Default `127.0.0.1`. An orchestrator that asks from outside needs `0.0.0.0`. */
  readonly host?: string | undefined;
  /** How long the event loop may stand still before the process counts as dead, in milliseconds. Default 10000. */
  readonly maxStallMs?: number | undefined;
}

/**
 * @param option what the options are called
 * @throws {TracewrightError} `TW_BAD_OPTION`
 */
export function requireHealthAddress(
  option: string,
  options: HealthAddressOptions,
): Required<{ [Name in keyof HealthAddressOptions]: NonNullable<HealthAddressOptions[Name]> }> {
  const { port, host = '127.0.0.1', maxStallMs = 10_000 } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw badOption(`${option}.port`, 'a whole number from 0 to 65535', port);
  return { port, host: requireText(`${option}.host`, host), maxStallMs: requirePositive(`${option}.maxStallMs`, maxStallMs) };
}

/**
 * Resolves with the address that `server` listens on, as `host:port`.
 *
 * @throws {TracewrightError} `TW_LISTEN` where the address cannot be had
 */
export async function listening(server: Server, { port, host }: { readonly port: number; readonly host: string }): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE' ? 'it is in use' : String(cause);
    throw new TracewrightError('TW_LISTEN', `health cannot be served on ${host}:${port}: ${why}`, { data: { host, port }, cause });
  }
  const { address, port: bound, family } = server.address() as AddressInfo; // It listens on a port, not on a pipe.
  return `${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}
