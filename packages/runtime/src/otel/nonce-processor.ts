import type { Span } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import type { IdentitySpanProcessor } from './span-processor.ts';

/** Puts the nonce of the process on every span, for backends that do not search by attributes of the resource. */
export function nonceProcessor(nonce: string): IdentitySpanProcessor {
  const { key } = attributes.processNonce;
  return {
    onStart: (span: Span) => void span.setAttribute(key, nonce),
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
