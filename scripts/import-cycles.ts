/** Files and the files that each of them imports at run time. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Each cycle that a walk in sorted order meets, as the files on it in import order, beginning at the one that closes it. */
export function findCycles(graph: ImportGraph): readonly (readonly string[])[] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at !== -1) {
      cycles.push(path.slice(at));
      return;
    }
    if (finished.has(file)) {
      return;
    }
    path.push(file);
    for (const imported of graph.get(file) ?? []) {
      visit(imported);
    }
    path.pop();
    finished.add(file);
  };
  for (const file of [...graph.keys()].toSorted()) {
    visit(file);
  }
  return cycles;
}
