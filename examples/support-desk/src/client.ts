import { setTimeout as wait } from 'node:timers/promises';

/** Headers that say who calls. */
export type CallerHeaders = Readonly<Record<string, string>>;

export interface FollowOptions {
  /** Called for each event, by its name; the next one is read when it is done. */
  readonly onEvent?: (name: string) => void | Promise<void>;
  /** Goes away after the first event of this name, in the middle of the stream. */
  readonly leaveAt?: string;
}

/** A caller of the desk. */
export interface DeskClient {
  /** @returns where the progress of the new ticket is to be had */
  open(caller: CallerHeaders, form: Readonly<Record<string, string>>): Promise<string>;
  follow(caller: CallerHeaders, events: string, options?: FollowOptions): Promise<void>;
  /** Does nothing for a while, as somebody who reads slowly. */
  pause(delayMs: number): Promise<void>;
}

export interface Transport {
  readonly send: (url: string, init: RequestInit) => Response | Promise<Response>;
  readonly pause: (delayMs: number) => Promise<void>;
}

const realTransport: Transport = { send: fetch, pause: (delayMs) => wait(delayMs) };

/** A client of the desk at `origin`, over real HTTP where nothing else is given. */
export function createClient(origin: string, { send, pause }: Transport = realTransport): DeskClient {
  return {
    pause,

    async open(caller, form) {
      const headers = { 'content-type': 'application/json', ...caller };
      const response = await send(`${origin}/tickets`, { method: 'POST', headers, body: JSON.stringify(form) });
      const answer: unknown = await response.json();
      if (!isTicket(answer)) throw new Error(`POST /tickets was answered with ${response.status}: ${JSON.stringify(answer)}`);
      return answer.events;
    },

    async follow(caller, events, { onEvent, leaveAt } = {}) {
      const client = new AbortController();
      const response = await send(origin + events, { headers: caller, signal: client.signal });
      if (!response.ok || response.body === null)
        throw new Error(`GET ${events} was answered with ${response.status}: ${await response.text()}`);
      try {
        for await (const name of eventNames(response.body)) {
          await onEvent?.(name);
          if (name === leaveAt) return;
        }
      } finally {
        client.abort();
      }
    },
  };
}

async function* eventNames(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield /^event: (.*)$/m.exec(block)?.[1] ?? 'message';
  }
}

function isTicket(answer: unknown): answer is { readonly events: string } {
  return typeof answer === 'object' && answer !== null && 'events' in answer && typeof answer.events === 'string';
}
