import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** What is wrong with the certificate of a server that was found as `host`; nothing where it is right. */
export type IdentityCheck = (host: string, certificate: PeerCertificate) => Error | undefined;

/**
 * Checks that a certificate is one of `servers`. A server given by its IP address must have that address in its certificate: the client forgets to tell Node
 * the address, which then asks for `localhost` (@nats-io/transport-node 3.3), and would refuse the right certificate and take a wrong one.
 */
export function identityCheck(servers: readonly string[]): IdentityCheck {
  const hosts = servers.map(hostOf);
  const nameless = hosts.filter((host) => isIP(host) !== 0 || host === 'localhost');
  const candidates = nameless.length > 0 ? nameless : hosts;
  return (host, certificate) => {
    if (host !== 'localhost') return checkServerIdentity(host, certificate);
    let mistake: Error | undefined;
    for (const candidate of candidates) {
      const found = checkServerIdentity(candidate, certificate);
      if (found === undefined) return undefined;
      mistake ??= found;
    }
    return mistake;
  };
}

/** The host of `tls://[::1]:4222` is `::1`. */
function hostOf(server: string): string {
  const { hostname } = new URL(`nats://${server.replace(/^[a-z]+:\/\//i, '')}`);
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
