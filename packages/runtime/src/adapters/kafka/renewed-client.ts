import { isAnswer } from './kafka-error.ts';

interface Connectable {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

interface Line<Client> {
  readonly client: Client;
  readonly connected: Promise<void>;
  uses: number;
  isRetired: boolean;
}

/**
 * A client that is connected when it is needed, and replaced once it has failed with anything but an answer of a broker: where a broker accepts a connection
 * and says nothing in time, the client takes itself for connected, and would not work again when the broker does.
 */
export class RenewedClient<Client extends Connectable> {
  readonly #create: () => Client;
  #line: Line<Client> | undefined;

  constructor(create: () => Client) {
    this.#create = create;
  }

  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    this.#line ??= this.#connect();
    const line = this.#line;
    line.uses += 1;
    try {
      await line.connected;
      return await work(line.client);
    } catch (error) {
      if (!isAnswer(error)) this.#retire(line);
      throw error;
    } finally {
      line.uses -= 1;
      // Only now: it would connect again for what is still under way.
      if (line.isRetired && line.uses === 0) line.client.disconnect().catch(() => undefined);
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#line?.client.disconnect().catch(() => undefined);
  }

  #connect(): Line<Client> {
    const client = this.#create();
    return { client, connected: client.connect(), uses: 0, isRetired: false };
  }

  #retire(line: Line<Client>): void {
    line.isRetired = true;
    if (this.#line === line) this.#line = undefined;
  }
}
