/** A part that no escaping changes. */
const unescaped = /[\w-]{16,}/g;

/**
 * `secret` as it may stand in a text: as it is, escaped for URLs and JSON, in base64 of both alphabets and at any alignment, and in hex. Forms may be equal.
 * The longest part that no escaping changes counts too, where it is no mere word: it shows what was escaped twice, or in a way that is not known here.
 */
export function formsOf(secret: string): readonly string[] {
  const parts = [...secret.matchAll(unescaped)].map(([part]) => part).filter((part) => /\d/.test(part));
  const [longest] = parts.toSorted((one, other) => other.length - one.length);
  return [secret, ...(longest === undefined ? [] : [longest])].flatMap(encodings);
}

function encodings(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const hex = Buffer.from(secret).toString('hex');
  const base64 = [0, 1, 2].map((offset) => base64At(secret, offset));
  const base64url = base64.map((digits) => digits.replaceAll('+', '-').replaceAll('/', '_'));
  return [secret, ...urlForms(secret), json, json.replaceAll('/', '\\/'), ...base64, ...base64url, hex, hex.toUpperCase()];
}

function urlForms(secret: string): readonly string[] {
  // Half of a surrogate pair has no form in URLs, and the encoder throws.
  if (Buffer.from(secret).toString() !== secret) return [];
  const component = encodeURIComponent(secret);
  // As forms are sent, and as `URLSearchParams` writes them.
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const escaped = [component, component.replaceAll('%20', '+'), form];
  const lowerCase = escaped.map((text) => text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()));
  return [...escaped, ...lowerCase, encodeURI(secret)];
}

/** The base64 digits that `secret` alone decides when it stands `offset` bytes after a multiple of three. */
function base64At(secret: string, offset: number): string {
  const bytes = Buffer.from('\0'.repeat(offset) + secret);
  return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
}
