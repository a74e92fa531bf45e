import { badOption } from '../../kernel/errors.ts';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * An address from `8080`, `:8080`, `localhost:8080` or `[::1]:8080`. Without a host it is loopback: whoever wants all addresses says so, with `0.0.0.0` or `[::]`.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`
 */
export function requireAddress(origin: string, text: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]:|([^:[\]\s]*):)?(\d{1,5})$/.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) throw badOption(origin, 'a port, or host:port', text);
  return { host: bracketed ?? (plain || '127.0.0.1'), port };
}

/** Whether no two servers can have both: the same port, of the same host or of all. */
export function isSameAddress(one: Address, other: Address): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  const hosts = [one, other].map(({ host }) => (host.toLowerCase() === 'localhost' ? '127.0.0.1' : host.toLowerCase()));
  return hosts[0] === hosts[1] || hosts.some((host) => host === '0.0.0.0' || host === '::');
}
