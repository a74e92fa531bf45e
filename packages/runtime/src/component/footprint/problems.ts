import { TracewrightError } from '../../kernel/errors.ts';

/** One mistake in the text of a footprint. */
export interface FootprintProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** `allocations[0].component`; empty for the text as a whole. */
  readonly path: string;
  /** Goes on from the path, where there is one. */
  readonly message: string;
}

interface Found {
  readonly offset: number;
  readonly path: string;
  readonly message: string;
}

/** Every mistake in one text, thrown together. */
export class FootprintProblems {
  readonly #text: string;
  readonly #source: string;
  readonly #found: Found[] = [];

  constructor(text: string, source: string) {
    this.#text = text;
    this.#source = source;
  }

  add(offset: number, path: string, message: string): void {
    this.#found.push({ offset, path, message });
  }

  /** Adds what makes it useless to read on, and throws. */
  fail(offset: number, message: string): never {
    this.add(offset, '', message);
    throw this.#error();
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw this.#error();
  }

  #error(): TracewrightError<'TW_BAD_FOOTPRINT'> {
    const problems = this.#placed();
    const lines = problems.map(
      ({ line, column, path, message }) => `${this.#source}:${line}:${column}: ${path === '' ? message : `${path} ${message}`}`,
    );
    return new TracewrightError('TW_BAD_FOOTPRINT', lines.join('\n'), { data: { source: this.#source, problems } });
  }

  #placed(): readonly FootprintProblem[] {
    let line = 1;
    let lineStart = 0;
    return this.#found
      .toSorted((one, other) => one.offset - other.offset)
      .map(({ offset, path, message }) => {
        for (let end = this.#text.indexOf('\n', lineStart); end >= 0 && end < offset; end = this.#text.indexOf('\n', lineStart)) {
          line += 1;
          lineStart = end + 1;
        }
        return { line, column: offset - lineStart + 1, path, message };
      });
  }
}

/** The path of a member: as in a program, and always on one line. */
export function memberPath(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
