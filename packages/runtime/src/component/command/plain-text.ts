import { shown } from '../topology/shown.ts';

/** Text of several lines without what moves the cursor of a terminal, or turns the direction of writing: others have said it, or named something so. */
export function plainText(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, shown);
}
