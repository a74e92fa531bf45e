/**
 * The lines that differ between two texts, as a unified diff has them: `-` expected, `+` received, two spaces around what both have.
 *
 * Empty for equal texts. Lines that both have are kept only beside a difference.
 */
export function lineDiff(expected: string, received: string): string {
  if (expected === received) {
    return '';
  }
  const marked = align(expected.split('\n'), received.split('\n'));
  const isNearChange = (index: number): boolean => marked.slice(Math.max(0, index - 2), index + 3).some((line) => !line.startsWith('  '));
  return marked.filter((_, index) => isNearChange(index)).join('\n');
}

function align(expected: readonly string[], received: readonly string[]): readonly string[] {
  const lengths = commonLengths(expected, received);
  const lengthAt = (row: number, column: number): number => lengths[row]?.[column] ?? 0;
  const lines: string[] = [];
  let row = 0;
  let column = 0;
  while (row < expected.length || column < received.length) {
    const isBoth = row < expected.length && column < received.length && expected[row] === received[column];
    if (isBoth) {
      lines.push(`  ${expected[row++] ?? ''}`);
      column++;
    } else if (row < expected.length && (column === received.length || lengthAt(row + 1, column) >= lengthAt(row, column + 1))) {
      lines.push(`- ${expected[row++] ?? ''}`);
    } else {
      lines.push(`+ ${received[column++] ?? ''}`);
    }
  }
  return lines;
}

/** `lengths[i][j]`: how many lines the longest common subsequence of `expected` from i and `received` from j has. */
function commonLengths(expected: readonly string[], received: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: expected.length + 1 }, () => Array.from({ length: received.length + 1 }, () => 0));
  for (let row = expected.length - 1; row >= 0; row--) {
    const current = lengths[row] ?? [];
    const below = lengths[row + 1] ?? [];
    for (let column = received.length - 1; column >= 0; column--) {
      const isSame = expected[row] === received[column];
      current[column] = isSame ? (below[column + 1] ?? 0) + 1 : Math.max(below[column] ?? 0, current[column + 1] ?? 0);
    }
  }
  return lengths;
}
