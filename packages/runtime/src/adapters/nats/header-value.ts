/** How RFC 8187 begins a value that is not plain: it says so itself, so that other programs may read it, and what they send is read as it is. */
const prefix = "UTF-8''";

/** What NATS carries as it is: printable ASCII on one line, not empty, no white space at the ends, and nothing that looks encoded. */
const plain = /^(?!UTF-8'')[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Any text as the value of a NATS header. */
export function encodeHeaderValue(text: string): string {
  return plain.test(text) ? text : prefix + percentEncode(text);
}

/** The text of a value, also of one that others have written. */
export function decodeHeaderValue(value: string): string {
  return value.startsWith(prefix) ? percentDecode(value.slice(prefix.length)) : value;
}

/** Letters, digits, `-`, `.`, `_` and `~` stay; every other byte becomes `%` and two digits. */
export function percentEncode(text: string): string {
  // Halves of a surrogate pair become U+FFFD, where `encodeURIComponent` would throw.
  return encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(text))).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody else wrote it, and not by that rule: it is what it is.
    return prefix + text;
  }
}
