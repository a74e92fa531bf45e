import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test that proves a guarantee, by what its title says. */
export interface GuaranteeTest {
  readonly guarantee: number;
  /** Without the number. */
  readonly title: string;
  /** Path below the folder that was searched, with forward slashes. */
  readonly file: string;
}

/** The first argument of a call, where it is a text that begins with `G` and a number. */
const titleShape = /\(\s*(['"`])G(\d+): ((?:\\.|(?!\1)[^\\])*)\1/g;

/** The tests below `folder` whose titles name a guarantee, by file and place. */
export function findGuaranteeTests(folder: string): readonly GuaranteeTest[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  return files
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted()
    .flatMap((file) => titlesIn(readFileSync(join(folder, file), 'utf8')).map((test) => ({ ...test, file })));
}

function titlesIn(source: string): readonly Omit<GuaranteeTest, 'file'>[] {
  return [...source.matchAll(titleShape)].map(([, , number, title = '']) => ({
    guarantee: Number(number),
    title: title.replaceAll(/\\(.)/g, '$1'),
  }));
}
