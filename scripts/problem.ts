/** Something that a check of this repository found wrong, and where. */
export interface Problem {
  /** Path from the root of the repository, with `/`. */
  readonly file: string;
  /** 1-based; absent when the whole file is meant. */
  readonly line?: number;
  readonly message: string;
}

/** One line of text: `file:line: message`. */
export function describeProblem({ file, line, message }: Problem): string {
  return line === undefined ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}

/** Prints each problem and makes the process exit with 1; without any, prints what was checked. */
export function reportProblems(problems: readonly Problem[], checked: string): void {
  if (problems.length === 0) {
    console.log(checked);
    return;
  }
  for (const problem of problems) {
    console.error(describeProblem(problem));
  }
  console.error(`\n${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
  process.exitCode = 1;
}
