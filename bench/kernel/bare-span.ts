import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import { leaf } from './leaf.ts';

/** What an operation is compared with: the same work, in one active span with the same attributes, by hand. */
export const bareSpan = 'bare span, same attributes';

export function inBareSpan(tracer: Tracer, attributes: Attributes): () => Promise<number> {
  return () => tracer.startActiveSpan('op', { attributes }, endAfterLeaf);
}

/** The leaf, and then the end of the span that is around it. */
export async function endAfterLeaf(span: Span): Promise<number> {
  try {
    return await leaf(1);
  } finally {
    span.end();
  }
}
