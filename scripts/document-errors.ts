import { errorCodes } from '@tracewright/conventions';
import type { Problem } from './problem.ts';

const file = 'docs/errors.md';

/** How the page of errors and the table of codes differ: a code without section, a section without code, a part that is missing. */
export function findErrorPageProblems(markdown: string, codes: readonly string[] = Object.keys(errorCodes)): readonly Problem[] {
  const sections = readSections(markdown);
  const missing = codes
    .filter((code) => !sections.some(({ title }) => title === code))
    .map((code) => ({ file, message: `has no section \`## ${code}\`` }));
  return [...missing, ...sections.flatMap((section) => judgeSection(section, codes))];
}

interface Section {
  readonly title: string;
  /** 1-based. */
  readonly line: number;
  readonly lines: string[];
}

function readSections(markdown: string): readonly Section[] {
  const sections: Section[] = [];
  for (const [index, text] of markdown.split('\n').entries()) {
    const title = /^## +(.*?)\s*$/.exec(text)?.[1];
    if (title === undefined) {
      sections.at(-1)?.lines.push(text);
    } else {
      sections.push({ title: title.replaceAll('`', ''), line: index + 1, lines: [] });
    }
  }
  return sections.filter(({ title }) => title.startsWith('TW_'));
}

function judgeSection({ title, line, lines }: Section, codes: readonly string[]): readonly Problem[] {
  if (!codes.includes(title)) {
    return [{ file, line, message: `has a section for ${title}, which is not in the table of error codes` }];
  }
  const text = lines.join('\n');
  return ['Cause', 'Remedy']
    .filter((part) => !new RegExp(`\\*\\*${part}\\.?\\*\\*[:.]?\\s*[^\\s*]`).test(text))
    .map((part) => ({ file, line, message: `the section ${title} has no **${part}**` }));
}
