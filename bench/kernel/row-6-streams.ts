import { createRuntime } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { registerSdk } from './stock-sdk.ts';

const itemCount = 100;

/** Row 6: a stream of a hundred items with its span, against the async generator that makes them; alone, and written out as server-sent events. */
export function streams(): Comparison[] {
  registerSdk();
  const runtime = createRuntime();
  const plain = { bare: 'bare generator', stream: 'runtime.stream' };
  const events = { bare: 'bare generator to events', stream: 'runtime.stream to events' };
  return [
    {
      title: 'stream of 100 items',
      variants: {
        [plain.bare]: () => count(items()),
        [plain.stream]: () => count(runtime.stream('stream', items)),
      },
      ratios: [{ figure: '6a', of: plain.stream, to: plain.bare }],
    },
    {
      title: 'stream of 100 server-sent events',
      variants: {
        [events.bare]: () => writeEvents(items()),
        [events.stream]: () => writeEvents(runtime.stream('stream', items)),
      },
      ratios: [{ figure: '6b', of: events.stream, to: events.bare }],
    },
  ];
}

interface Item {
  readonly index: number;
  readonly text: string;
}

async function* items(): AsyncGenerator<Item> {
  for (let index = 0; index < itemCount; index += 1) yield { index, text: 'a token' };
}

async function count(source: AsyncIterable<Item>): Promise<number> {
  let sum = 0;
  for await (const item of source) sum += item.index;
  return sum;
}

/** What a server does to each item, without the socket. */
async function writeEvents(source: AsyncIterable<Item>): Promise<number> {
  const response = new DiscardingResponse();
  for await (const item of source) response.write(`id: ${item.index}\ndata: ${JSON.stringify(item)}\n\n`);
  return response.characters;
}

class DiscardingResponse {
  characters = 0;

  write(chunk: string): boolean {
    this.characters += chunk.length;
    return true;
  }
}
