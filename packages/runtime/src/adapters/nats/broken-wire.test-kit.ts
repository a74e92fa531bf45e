import { connect, createServer, type Server, type Socket } from 'node:net';

/** For tests: the way to a server, which can be cut, and can swallow what is said. */
export class BrokenWire {
  /** What the server says reaches nobody while this holds. */
  isMuted = false;
  /** What clients say does not reach the server while this holds. */
  isDeaf = false;
  /** What clients have said since the wire was last cut. */
  heard = '';
  /** Is told whatever a client says. */
  onHeard: (text: string) => void = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  /** Leads to `port` of this machine. */
  constructor(port: () => number) {
    this.#server = createServer((near) => this.#join(near, connect(port(), '127.0.0.1')));
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Takes connections: the first time on any free port, then on the same one. */
  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', () => resolve()));
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    return this;
  }

  /** Ends all connections. New ones can be made at once. */
  cut(): void {
    this.heard = '';
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends all connections, and refuses new ones. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (bytes: Buffer) => {
      this.heard += bytes.toString('latin1');
      if (!this.isDeaf) far.write(bytes);
      this.onHeard(bytes.toString('latin1'));
    });
    far.on('data', (bytes: Buffer) => {
      if (!this.isMuted) near.write(bytes);
    });
  }
}
