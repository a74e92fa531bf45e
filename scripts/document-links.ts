import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withoutCodeBlocks } from './markdown.ts';
import type { Problem } from './problem.ts';

/** Relative links of the markdown files that point to nothing. Links with a scheme and links within the page are left to the reader. */
export function findLinkProblems(root: string, files: readonly string[]): readonly Problem[] {
  return files.flatMap((file) => {
    const lines = withoutCodeBlocks(readFileSync(join(root, file), 'utf8')).split('\n');
    return lines.flatMap((text, index) =>
      linkTargets(text)
        .filter((target) => !existsSync(join(root, dirname(file), target)))
        .map((target) => ({ file, line: index + 1, message: `links to ${target}, which does not exist` })),
    );
  });
}

function linkTargets(text: string): readonly string[] {
  const plain = text.replaceAll(/`[^`]*`/g, '``');
  const inline = [...plain.matchAll(/\]\(\s*<?([^)\s>]+)/g)].map(([, target = '']) => target);
  const reference = /^\[[^\]]+\]:\s*<?([^\s>]+)/.exec(plain)?.[1];
  return [...inline, ...(reference === undefined ? [] : [reference])]
    .filter((target) => !/^([a-z][a-z+.-]*:|#|\/\/)/i.test(target))
    .map((target) => decodeURIComponent(target.replace(/[#?].*$/, '')));
}

/** Pages that are longer than a reader's patience. A page that does not exist is not too long. */
export function findLengthProblems(root: string, limits: Readonly<Record<string, number>>): readonly Problem[] {
  return Object.entries(limits).flatMap(([file, maxLines]) => {
    const count = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length : 0;
    return count > maxLines ? [{ file, message: `has ${count} lines, at most ${maxLines} are allowed` }] : [];
  });
}
