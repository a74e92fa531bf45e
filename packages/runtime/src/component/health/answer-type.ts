/** Whether a client that says `accept` asks for JSON, and not rather for text. Who takes anything, as curl does, is a person. */
export function wantsJson(accept: string | undefined): boolean {
  const json = weightOf('application/json', accept);
  return json > 0 && json >= weightOf('text/plain', accept);
}

/** What the client gives for `type`, from 0 to 1, where it names it (RFC 9110, 12.5.1). */
function weightOf(type: string, accept = ''): number {
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (name !== type) continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return weight === undefined ? 1 : Number(weight.slice(2)) || 0;
  }
  return 0;
}
