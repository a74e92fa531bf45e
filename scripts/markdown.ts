/** A fenced block of a markdown file. */
export interface CodeBlock {
  /** What follows the opening fence, trimmed: `ts`, `ts no-check …`, `bash`. */
  readonly info: string;
  readonly text: string;
  /** 1-based line of the first line of `text`. */
  readonly line: number;
}

interface OpenFence {
  readonly indent: number;
  readonly fence: string;
  readonly info: string;
  readonly line: number;
  readonly lines: string[];
}

/** All fenced blocks in order. A fence that is never closed runs to the end, as renderers have it. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: OpenFence | undefined;
  const close = (): void => {
    if (open !== undefined) {
      blocks.push({ info: open.info, text: open.lines.join('\n'), line: open.line });
    }
    open = undefined;
  };
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open === undefined) {
      open = openingFence(line, index + 2);
    } else if (line.trim().startsWith(open.fence) && /^(`+|~+)$/.test(line.trim())) {
      close();
    } else {
      open.lines.push(withoutIndent(line, open.indent));
    }
  }
  close();
  return blocks;
}

/** The same text with every fenced block blanked, so that line numbers stay true. */
export function withoutCodeBlocks(markdown: string): string {
  const lines = markdown.split('\n');
  for (const { text, line } of codeBlocks(markdown)) {
    lines.fill('', line - 1, line - 1 + text.split('\n').length);
  }
  return lines.join('\n');
}

/** The cells of a table row, trimmed, with `\|` read as `|`. */
export function splitRow(line: string): readonly string[] {
  const cells = line
    .trim()
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
  return cells.slice(1, cells.at(-1) === '' ? -1 : undefined);
}

/** The opposite of `splitRow`. */
export function joinRow(cells: readonly string[]): string {
  return `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell.replaceAll('|', '\\|')} `)).join('|')}|`;
}

function openingFence(line: string, textLine: number): OpenFence | undefined {
  const found = /^(\s*)(`{3,}|~{3,})([^`]*)$/.exec(line);
  const [, indent = '', fence = '', info = ''] = found ?? [];
  return found === null ? undefined : { indent: indent.length, fence, info: info.trim(), line: textLine, lines: [] };
}

function withoutIndent(line: string, indent: number): string {
  return line.slice(0, indent).trim() === '' ? line.slice(indent) : line;
}
