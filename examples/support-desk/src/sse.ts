import type { OwnedStream } from 'tracewright';
import type { ProgressEvent } from './progress.ts';

const encoder = new TextEncoder();

/**
 * A stream of progress as the body of a response with server-sent events. An event is pulled when the connection can take one.
 *
 * @param leave called when the client goes away in the middle: it aborts the stream, and says so
 */
export function eventStream(events: OwnedStream<ProgressEvent>, leave: () => void): ReadableStream<Uint8Array> {
  let pulled = false;
  let lastId = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pulled = true;
        try {
          const { done, value } = await events.next();
          if (done === true) return controller.close();
          lastId += 1;
          controller.enqueue(encoder.encode(eventText(lastId, value)));
        } catch (error: unknown) {
          // The status line is long gone: an event is the one way left to tell the client that this is not the end of the ticket.
          const reason = error instanceof Error ? error.message : String(error);
          controller.enqueue(encoder.encode(`event: interrupted\ndata: ${JSON.stringify({ reason })}\n\n`));
          controller.close();
        }
      },
      async cancel() {
        if (pulled) leave();
        await events.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/** JSON has no line breaks in it, so that one `data` line is enough. */
function eventText(id: number, { name, data }: ProgressEvent): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
