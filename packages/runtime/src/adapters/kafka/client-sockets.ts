import { connect, isIP, type Socket } from 'node:net';
import { connect as connectEncrypted } from 'node:tls';
import type { ISocketFactory, KafkaConfig } from 'kafkajs';

const keepAliveMs = 60_000;

/**
 * The sockets of one connection, and with them its end: the client waits for what is under way, and connects anew where that fails, also after it was told to
 * disconnect. Once this is closed no socket of it is open, and none is opened any more.
 */
export class ClientSockets {
  readonly #addresses: readonly string[];
  readonly #open = new Set<Socket>();
  #isClosed = false;

  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  /** For the client's configuration. It tries again whatever fails, save to find a broker where there are none. */
  readonly brokers = (): string[] => (this.#isClosed ? [] : [...this.#addresses]);

  /** For the client's configuration. */
  readonly factory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.#isClosed) throw new Error('the connection is closed');
    const socket = socketTo({ host, port }, ssl, onConnect);
    socket.setKeepAlive(true, keepAliveMs);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  /** Whatever still waits for an answer fails now. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#open) socket.destroy(new Error('the connection is closed'));
  }
}

function socketTo(place: { readonly host: string; readonly port: number }, ssl: KafkaConfig['ssl'], onConnect: () => void): Socket {
  // The client gives nothing, or what it was given itself.
  if (typeof ssl !== 'object' || (ssl as unknown) === null) return connect(place, onConnect);
  const serverName = isIP(place.host) === 0 ? { servername: place.host } : {};
  return connectEncrypted({ ...place, ...serverName, ...ssl }, onConnect);
}
