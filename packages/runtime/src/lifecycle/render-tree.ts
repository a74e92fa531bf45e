import type { HeartbeatReport } from './heartbeats.ts';
import type { LifecycleTree } from './lifecycle-tree.ts';
import { readableTime } from './readable-time.ts';
import { type CutTree, cutTree } from './tree-cut.ts';

/** Longer names are cut, in characters. */
const maxNameLength = 60;
/** Of what one lifecycle waits for, and of its heartbeats, so many are named. */
const maxNamed = 3;

/** Each is one line; what stands in the same column begins in the same place. */
type Row = readonly [name: string, state: string, age: string, notes: string] | readonly [more: string];

/**
 * A tree of lifecycles as text for a terminal: a line for each, with its name, state, age, and what it waits for besides the lifecycles below it. At most 200 lifecycles are
 * shown, 40 of one parent and 10 levels; how many more there are is said where they were cut.
 *
 * @example
 * console.log(renderTree(handle.tree()));
 * // desk         running        3 m 12 s  heartbeat poll 2 s ago; waiting for body
 * // ├─ worker    running        3 m 12 s  waiting for answer ticket
 * // └─ mailer    between lives  3 m 12 s  restarted 3 times; waiting for restart
 */
export function renderTree(tree: LifecycleTree): string {
  const rows = [...rowsOf(cutTree(tree), { first: '', below: '' })];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row.length === 1 ? 0 : (row[column]?.length ?? 0)))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

interface Indent {
  /** Before the name. */
  readonly first: string;
  /** Before whatever stands below it. */
  readonly below: string;
}

function* rowsOf({ tree, shown, hidden }: CutTree, indent: Indent): Generator<Row> {
  const { name, state, ageMs } = tree;
  yield [indent.first + readable(name), state, readableTime(ageMs), notesOf(tree).join('; ')];
  for (const [index, child] of shown.entries()) {
    const isLast = index === shown.length - 1 && hidden.length === 0;
    const [branch, trunk] = isLast ? ['└─ ', '   '] : ['├─ ', '│  '];
    yield* rowsOf(child, { first: indent.below + branch, below: indent.below + trunk });
  }
  if (hidden.length > 0) yield [`${indent.below}└─ … ${moreOf(hidden)}`];
}

/** `980 more: 978 running, 2 stopping; 1960 below; 1 heartbeat overdue`. */
function moreOf(hidden: readonly LifecycleTree[]): string {
  const counts = new Map<string, number>();
  for (const { state } of hidden) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = Array.from(counts, ([state, count]) => `${count} ${state}`).join(', ');
  const all = [...flat(hidden)];
  const below = all.length - hidden.length;
  const overdue = all.flatMap(({ heartbeats = [] }) => heartbeats.filter(({ isOverdue }) => isOverdue)).length;
  return [
    `${hidden.length} more: ${states}`,
    ...(below > 0 ? [`${below} below`] : []),
    ...(overdue > 0 ? [`${overdue} ${overdue === 1 ? 'heartbeat' : 'heartbeats'} overdue`] : []),
  ].join('; ');
}

function* flat(trees: readonly LifecycleTree[]): Generator<LifecycleTree> {
  for (const tree of trees) {
    yield tree;
    yield* flat(tree.children);
  }
}

function notesOf({ restarts = 0, heartbeats = [], waitingFor, children }: LifecycleTree): string[] {
  // What is late comes first, where no cut hides it.
  const beats = [...heartbeats.filter(({ isOverdue }) => isOverdue), ...heartbeats.filter(({ isOverdue }) => !isOverdue)];
  const below = new Set(children.map(({ path }) => path));
  const own = waitingFor.filter((name) => !below.has(name));
  return [
    ...(restarts > 0 ? [`restarted ${restarts === 1 ? 'once' : `${restarts} times`}`] : []),
    ...named(beats.map(describeHeartbeat)),
    ...(own.length > 0 ? [`waiting for ${named(workOf(own)).join(', ')}`] : []),
  ];
}

/** Only the innermost of operations in each other, and those of one name together: a worker runs a hundred of them. */
function workOf(waitingFor: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const [index, name] of waitingFor.entries()) {
    const isOutside = waitingFor[index + 1]?.startsWith(`${name} > `) === true;
    if (!isOutside) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Array.from(counts, ([name, count]) => (count === 1 ? readable(name) : `${readable(name)} ×${count}`));
}

function describeHeartbeat({ name, ageMs, withinMs, isOverdue }: HeartbeatReport): string {
  const [who, age] = [readable(name), readableTime(ageMs)];
  return isOverdue ? `no heartbeat ${who} for ${age}, promised within ${readableTime(withinMs)}` : `heartbeat ${who} ${age} ago`;
}

function named(texts: readonly string[]): string[] {
  return texts.length <= maxNamed ? [...texts] : [...texts.slice(0, maxNamed), `${texts.length - maxNamed} more`];
}

/** On one line and without commands to a terminal, whatever was taken for a name. */
function readable(name: string): string {
  const [...characters] = name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return characters.length <= maxNameLength ? characters.join('') : `${characters.slice(0, maxNameLength - 1).join('')}…`;
}
