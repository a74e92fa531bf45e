import { errorTypeOf } from '../outcome.ts';

/** How many causes are shown below an error; what matters is near the top. */
const maxCauses = 4;

/** An error and its causes as one text, their messages included. `undefined` where there is none. */
export function stackOf(error: unknown): string | undefined {
  try {
    const [top, ...causes] = chainOf(error);
    if (top === undefined) return undefined;
    const text = causes.reduce((above, cause) => `${above}\nCaused by: ${cause.stack ?? cause.message}`, textOf(top.stack));
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * The types and frames of an error and its causes, without anything of their messages. `undefined` where no frames can be told from a message for certain.
 */
export function framesOf(error: unknown): string | undefined {
  try {
    const chain = chainOf(error).map((link) => ({ type: errorTypeOf(link), frames: framesBelow(textOf(link.stack), link.message) }));
    if (chain.every(({ frames }) => frames === undefined)) return undefined;
    return chain.map(({ type, frames }) => (frames === undefined ? type : `${type}\n${frames}`)).join('\nCaused by: ');
  } catch {
    return undefined;
  }
}

function chainOf(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let current = error; current instanceof Error && chain.length <= maxCauses; current = current.cause) chain.push(current);
  return chain;
}

/** Any value can be assigned to the stack. */
function textOf(stack: unknown): string {
  return typeof stack === 'string' ? stack : '';
}

/** What V8 writes before the message: the name when the error was made, and for errors of Node their code. */
const nameInStack = /^[A-Za-z_$][\w$.-]{0,99}(?: \[[A-Z][A-Z0-9_]{0,63}\])?/;

/** How much of a stack is looked at. Far more than is shown. */
const maxFramesLength = 65_536;

/** The frames in `stack`, when it is a name, exactly this message, and then nothing but frames. A message that was changed later is still in the stack. */
function framesBelow(stack: string, message: unknown): string | undefined {
  const name = nameInStack.exec(stack)?.[0];
  if (name === undefined || typeof message !== 'string') return undefined;
  const header = message === '' ? '\n' : `: ${message}\n`;
  if (!stack.startsWith(header, name.length)) return undefined;
  const start = name.length + header.length;
  const end = stack.length - start <= maxFramesLength ? stack.length : stack.lastIndexOf('\n', start + maxFramesLength);
  const lines = stack.slice(start, end).split('\n');
  return lines.every(isFrame) ? lines.join('\n') : undefined;
}

function isFrame(line: string): boolean {
  return line.startsWith('    at ') && /[)>\d]$/.test(line);
}
