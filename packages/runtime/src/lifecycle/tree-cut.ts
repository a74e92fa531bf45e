import type { LifecycleTree } from './lifecycle-tree.ts';

/** What is read at one glance: so many of one parent, so many levels, so many altogether. */
const maxSiblings = 40;
const maxDepth = 10;
const maxShown = 200;

/** A tree of which not everything is shown. */
export interface CutTree {
  readonly tree: LifecycleTree;
  shown: readonly CutTree[];
  /** The children that are not shown. */
  hidden: readonly LifecycleTree[];
}

/**
 * Takes out of `tree` what a page can show: level by level, each parent with its share, so that depth or width at one place does not hide what is near
 * the root. Where there are too many children, those go first in which a heartbeat is overdue, then the oldest.
 */
export function cutTree(tree: LifecycleTree): CutTree {
  const root = asCut(tree);
  const late = new Set<LifecycleTree>();
  markLate(tree, late);
  let room = maxShown - 1;
  let level = [root];
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: CutTree[] = [];
    for (const [index, parent] of level.entries()) {
      const share = Math.ceil(room / (level.length - index));
      const chosen = choose(parent.tree.children, { count: depth > maxDepth ? 0 : Math.min(share, maxSiblings), late });
      room -= chosen.size;
      parent.shown = parent.tree.children.filter((child) => chosen.has(child)).map(asCut);
      parent.hidden = parent.tree.children.filter((child) => !chosen.has(child));
      next.push(...parent.shown);
    }
    level = next;
  }
  return root;
}

function asCut(tree: LifecycleTree): CutTree {
  return { tree, shown: [], hidden: [] };
}

function choose(
  children: readonly LifecycleTree[],
  { count, late }: { readonly count: number; readonly late: ReadonlySet<LifecycleTree> },
): ReadonlySet<LifecycleTree> {
  if (children.length <= count) return new Set(children);
  const urgent = children.filter((child) => late.has(child));
  const others = children.filter((child) => !late.has(child));
  return new Set([...urgent, ...others].slice(0, count));
}

/** Collects the trees in which a heartbeat is overdue, however deep; gives whether `tree` is one. */
function markLate(tree: LifecycleTree, late: Set<LifecycleTree>): boolean {
  let isLate = tree.heartbeats?.some(({ isOverdue }) => isOverdue) === true;
  for (const child of tree.children) isLate = markLate(child, late) || isLate;
  if (isLate) late.add(tree);
  return isLate;
}
