import { wrongUsage } from './wrong-usage.ts';

/** The address of a broker, as far as it can be told without the broker's own package. */
export interface TransportUrl {
  /** Where it was given, for errors. */
  readonly origin: string;
  /** `nats`, in small letters. */
  readonly scheme: string;
  /** As it was given. There is no secret in it. */
  readonly text: string;
  /** `host:port`, one or more; none of `memory:`. */
  readonly hosts: readonly string[];
}

export const ownSchemes = ['memory', 'nats', 'tls', 'kafka'] as const;

/**
 * Reads the address of a broker: `memory:`, `nats://host:4222,other:4222`, or one of a scheme of the program's own.
 *
 * @param schemes all that there are
 * @throws {TracewrightError} `TW_BAD_OPTION`. Nothing of an address that may have a password in it is shown
 */
export function requireTransportUrl(origin: string, given: string, schemes: readonly string[]): TransportUrl {
  const text = given === 'memory' ? 'memory:' : given;
  if (/[@?#]/.test(text)) {
    const expected = 'an address without user, password and parameters: credentials are given by';
    throw wrongUsage(origin, `${origin} must be ${expected} TRACEWRIGHT_TRANSPORT_USER and _PASSWORD, _TOKEN, _NKEY_SEED or _CREDS_FILE`);
  }
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(text) ?? [];
  const known = scheme.toLowerCase();
  if (!schemes.includes(known)) {
    const problem = scheme === '' || /^\d+$/.test(rest) ? 'says no transport' : `says ${known}, which is none here`;
    throw wrongUsage(
      origin,
      `${origin} ${problem}, received ${JSON.stringify(text)}: there are ${schemes.map((name) => exampleOf(name)).join(', ')}`,
    );
  }
  return { origin, scheme: known, text, hosts: hostsOf(origin, known, text) };
}

function hostsOf(origin: string, scheme: string, text: string): readonly string[] {
  // Of a scheme of the program's own, the program knows what follows.
  if (scheme === 'memory' || !ownSchemes.some((own) => own === scheme)) return [];
  const hosts = text
    .slice(scheme.length + 1)
    .replace(/^\/\//, '')
    .replace(/\/$/, '')
    .split(',');
  const isHost = (host: string): boolean => /^(?:\[[\da-f:.]+\]|[^\s:/[\],]+)(?::\d{1,5})?$/i.test(host);
  if (!text.slice(scheme.length + 1).startsWith('//') || !hosts.every(isHost))
    throw wrongUsage(origin, `${origin} must be ${exampleOf(scheme)}, received ${JSON.stringify(text)}`);
  return hosts;
}

function exampleOf(scheme: string): string {
  if (scheme === 'memory') return 'memory:';
  return ownSchemes.some((own) => own === scheme) ? `${scheme}://host:port[,host:port]` : `${scheme}:…`;
}
