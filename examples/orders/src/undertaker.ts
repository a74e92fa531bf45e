import { bytes, type Component, defineComponent } from 'tracewright/component';
import { anyBytes } from './order.ts';

/** A message that was given up, as its headers have it. */
export interface Burial {
  readonly id: string;
  /** Type or code of the last error. Not its message: that may quote the order. */
  readonly reason: string;
  readonly attempts: number;
  /** The destination that it could not be handled at. */
  readonly origin: string;
}

/** Reads what others have given up, without making sense of it, and tells `onBuried`. */
export function defineUndertaker(onBuried: (burial: Burial) => void): Component {
  return defineComponent({
    name: 'undertaker',
    doc: 'Reads dead letters.',
    interests: { dead: { schema: anyBytes, codec: bytes } },
    bootstrap(_lifecycle, link) {
      link.subscribe('dead', ({ id, headers }) => {
        onBuried({
          id,
          reason: headers['tracewright-dead-letter-reason'] ?? 'unknown',
          attempts: Number(headers['tracewright-dead-letter-attempts']),
          origin: headers['tracewright-dead-letter-origin'] ?? 'unknown',
        });
      });
    },
  });
}
