/** Which of the names is meant by a misspelt one: at most a third of its letters are wrong. */
export function nearestOf(given: string, names: readonly string[]): string | undefined {
  const begins = (name: string): boolean => name[0] === given[0];
  const near = names
    .map((name) => ({ name, distance: distanceOf(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.floor(name.length / 3))
    // Of two that are as near, people mistake the first letter less often.
    .toSorted((one, other) => one.distance - other.distance || Number(begins(other.name)) - Number(begins(one.name)));
  return near[0]?.name;
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function distanceOf(from: string, to: string): number {
  // Whatever is much longer is far away, and not worth the work.
  if (from.length > 2 * to.length) return from.length;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let done = 0; done < from.length; done += 1) {
    const next = [done + 1];
    for (let at = 0; at < to.length; at += 1) {
      const changed = (row[at] ?? 0) + (from[done] === to[at] ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
