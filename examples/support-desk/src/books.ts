/** Something that lines can be written into. */
export interface Book {
  add(line: string): Promise<void>;
}

/** A book that keeps its lines in memory. */
export class MemoryBook implements Book {
  readonly lines: string[] = [];

  add(line: string): Promise<void> {
    this.lines.push(line);
    return Promise.resolve();
  }
}

/** Nothing can be written into the log archive. The demo means it: see `main.ts` for what that does to its exit code. */
export class ArchiveReadOnly extends Error {
  override readonly name = 'ArchiveReadOnly';

  constructor() {
    super('the log archive is read-only');
  }
}

/** A book that nothing can be written into. */
export const readOnlyArchive: Book = { add: () => Promise.reject(new ArchiveReadOnly()) };
