/** A terminal, with a little room for what puts something before each line. */
const columns = 96;
/** A longer name has a line of its own, so that it does not push all others to the right. */
const longestName = 32;

/** What stands in the first column, and the words beside it, which are never broken. */
export interface Row {
  readonly name: string;
  readonly words: readonly string[];
}

/** Empty where there is no row. */
export function table(title: string, rows: readonly Row[]): string {
  const fitting = rows.map(({ name }) => lengthOf(name)).filter((length) => length <= longestName);
  const width = Math.max(0, ...fitting) + 4;
  const lines = rows.map(({ name, words }) => {
    const length = lengthOf(name);
    if (length > longestName) return `  ${name}\n${wrapped(' '.repeat(width), words)}`;
    return wrapped(`  ${name}${' '.repeat(width - 2 - length)}`, words);
  });
  return lines.length === 0 ? '' : [title, ...lines].join('\n');
}

/** Empty where there is no item. */
export function list(title: string, items: readonly (readonly string[])[]): string {
  return items.length === 0 ? '' : [title, ...items.map((words) => wrapped('  - ', words, 4))].join('\n');
}

/** As many words in a line as fit; further lines are below the first word, two columns to the right where nothing else is said. */
export function wrapped(head: string, words: readonly string[], hanging = lengthOf(head) + 2): string {
  const indent = ' '.repeat(hanging);
  const lines: string[] = [];
  let line = head;
  let length = lengthOf(head);
  for (const [index, word] of words.entries()) {
    const more = lengthOf(word) + 1;
    if (index > 0 && length + more > columns) {
      lines.push(line);
      line = indent + word;
      length = indent.length + more - 1;
    } else {
      line += index === 0 ? word : ` ${word}`;
      length += index === 0 ? more - 1 : more;
    }
  }
  return [...lines, line].join('\n');
}

/** In characters as people count them, nearly: wide ones and joined ones are not looked at. */
const lengthOf = (text: string): number => Array.from(text).length;
