import type { OwnedStream } from './owned-stream.ts';

/** An owned stream as a web stream. It holds nothing back: an item is pulled when a reader asks for one. */
export function readableView<T>(stream: OwnedStream<T>): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const result = await stream.next();
        if (result.done === true) controller.close();
        else controller.enqueue(result.value);
      },
      async cancel(reason) {
        await stream.return(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
