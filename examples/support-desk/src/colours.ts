type Colour = 'bold' | 'dim' | 'red' | 'yellow' | 'cyan';

/** ANSI codes to switch a colour on and off (ECMA-48, "select graphic rendition"). */
const codes: Readonly<Record<Colour, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Whether to colour what goes to `stream`: only on a terminal, and never where NO_COLOR (no-color.org) is set. */
export function wantsColour(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '';
}

/** Colours the text of traces line by line: headers, failures, what was cut short, links. */
export function colourTraces(text: string): string {
  return text.split('\n').map(colourLine).join('\n');
}

function colourLine(line: string): string {
  if (line.startsWith('● ')) return paint('bold', line);
  if (/ {2}ERROR|✗ /.test(line)) return paint('red', line);
  if (/outcome (?:aborted|timeout|cancelled|consumer_left|never_started)/.test(line)) return paint('yellow', line);
  if (line.includes('→ link')) return paint('cyan', line);
  return line.replaceAll(/[│├└─]+/g, (branch) => paint('dim', branch));
}

function paint(colour: Colour, text: string): string {
  const [on, off] = codes[colour];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
