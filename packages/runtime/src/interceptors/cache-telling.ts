import { attributes } from '@tracewright/conventions';
import type { AttributeValues } from '../kernel/attributes.ts';
import { linkTo } from '../kernel/links.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import { guarded } from '../kernel/telemetry.ts';

/** What a cache did for one call. */
export type CacheLookup = 'hit' | 'miss' | 'shared' | 'failed';

const labels: Readonly<Record<CacheLookup, AttributeValues>> = {
  hit: { [attributes.cache.key]: 'hit' },
  miss: { [attributes.cache.key]: 'miss' },
  shared: { [attributes.cache.key]: 'shared' },
  failed: { [attributes.cache.key]: 'failed' },
};

/** Counts a look-up, and says on the span how it went. */
export function tellLookup(scope: RunningScope, lookup: CacheLookup): void {
  scope.kernel.settings.health.count('cacheLookups', 1, labels[lookup]);
  describeLookup(scope, lookup);
}

/** Hot, for a hit. */
export function describeLookup({ parts }: RunningScope, lookup: CacheLookup): void {
  parts.spans.note(attributes.cache.key, lookup);
}

/** Has the span of a caller that waits lead to the span whose work it waits for. */
export function linkToWork({ parts: { spans } }: RunningScope, work: RunningScope): void {
  if (!spans.isWritable) return;
  // An API of before 1.9 has no links after the start.
  guarded('linking to shared work', () => spans.span.addLink?.(linkTo(work.spanContext, 'shared')));
}
