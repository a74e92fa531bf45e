import type { BackgroundWork } from '../background.ts';
import type { Listener } from './hook-listener.ts';
import type { HookReport } from './hook-report.ts';
import type { Judged } from './hook-verdict.ts';

/** What all sets of a runtime share. */
export interface HookServices {
  readonly report: HookReport;
  readonly background: BackgroundWork;
}

/** The listeners of one set for one type of hook, in the order in which they are called. Never changed: a dispatch that is under way keeps its table. */
export interface ListenerTable {
  readonly type: Judged['type'];
  readonly services: HookServices;
  /** Those that run one after another: sequential, transform, audit. */
  readonly chain: readonly Listener[];
  readonly concurrent: readonly Listener[];
  readonly background: readonly Listener[];
}

/** The table of those of `listeners` that hear `type`; none where there are none. */
export function makeTable(type: Judged['type'], services: HookServices, listeners: readonly Listener[]): ListenerTable | undefined {
  const hearing = listeners.filter(({ hook }) => hook === type.name);
  if (hearing.length === 0) return undefined;
  return {
    type,
    services,
    chain: inOrder(hearing.filter(({ mode }) => mode !== 'concurrent' && mode !== 'background')),
    concurrent: inOrder(hearing.filter(({ mode }) => mode === 'concurrent')),
    background: inOrder(hearing.filter(({ mode }) => mode === 'background')),
  };
}

/** Two tables as one; of hooks with equal mode and priority, those of `outer` come first. A registration that is in both is one hook, where it stands in `outer`. */
export function mergeTables(outer: ListenerTable, inner: ListenerTable): ListenerTable {
  return {
    type: inner.type,
    services: inner.services,
    chain: together(outer.chain, inner.chain),
    concurrent: together(outer.concurrent, inner.concurrent),
    background: together(outer.background, inner.background),
  };
}

function together(outer: readonly Listener[], inner: readonly Listener[]): readonly Listener[] {
  const known = new Set(outer.map(({ registration }) => registration));
  return inOrder([...outer, ...inner.filter(({ registration }) => !known.has(registration))]);
}

/** By mode and priority; equals stay in their order, which is that of their registration. */
function inOrder(listeners: readonly Listener[]): readonly Listener[] {
  return listeners.toSorted((left, right) => left.powers.rank - right.powers.rank || left.priority - right.priority);
}
