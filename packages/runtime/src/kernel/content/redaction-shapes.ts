/** What stands where a credential stood. */
export const redacted = '[credentials]';

/** `Bearer` and `Basic` of HTTP, with what may stand before a token. `\b`: the end of a longer word is not one of them. */
const scheme = /\bb(?:earer|asic)[ \t]+["']?/gi;
const anyScheme = /b(?:earer|asic)/i;
const token = /[^\s"'`\\<>,;&)}]+/y;

/** Words that follow the name of a scheme in a sentence or a challenge. */
const ordinaryWord = /^(?:tokens?|auth(?:entication|orization)?|scheme|credentials?|header|realm=|error=)[.:!?]?$/i;
/** "Basic" is also a word, and what follows it may be one or a number. Base64 of `user:password` has letters of both cases all over. */
const wordOrNumber = /^(?:[A-Za-z]?[a-z]{0,63}|[A-Z]{1,64}|[\d.]{1,64})[.:!?]?$/;

/** Names of hosts have at most 253 characters: what is longer at the end of a text may be user information that was cut before its `@`. */
const maxHostLength = 512;

/** The last ordinary texts, by length and a character. Values of attributes mostly come again, and to compare them costs less than to search them. */
const ordinary = Array.from({ length: 256 }, () => '');
const maxRemembered = 64;

/** Whether a text needs the scan at all. No pattern runs on a text without a space. */
export function mayHoldCredentials(text: string): boolean {
  if (text.length > maxRemembered) return isSuspicious(text);
  const slot = (text.length ^ (text.charCodeAt(text.length >> 1) << 2)) & 255;
  if (ordinary[slot] === text) return false;
  if (isSuspicious(text)) return true;
  ordinary[slot] = text;
  return false;
}

function isSuspicious(text: string): boolean {
  const mayHoldUserInfo = text.includes('@') || text.length > maxHostLength;
  return (mayHoldUserInfo && text.includes('://')) || ((text.includes(' ') || text.includes('\t')) && anyScheme.test(text));
}

/**
 * `text` without what is a credential by its form: the user information of a URL (`scheme://user:password@host`), and the token after `Bearer` or `Basic`.
 * Time grows with the length of the text only.
 */
export function hideShapes(text: string): string {
  return mayHoldCredentials(text) ? hideTokens(hideUserInfo(text)) : text;
}

function hideTokens(text: string): string {
  let clean = '';
  let copied = 0;
  for (const { 0: word, index } of text.matchAll(scheme)) {
    token.lastIndex = index + word.length;
    const found = token.exec(text)?.[0];
    if (found === undefined || isOrdinary(word, found)) continue;
    clean += text.slice(copied, index + word.length) + redacted;
    copied = index + word.length + found.length;
  }
  return copied === 0 ? text : clean + text.slice(copied);
}

function isOrdinary(word: string, found: string): boolean {
  return ordinaryWord.test(found) || (!/^bearer/i.test(word) && wordOrNumber.test(found));
}

function hideUserInfo(text: string): string {
  let clean = '';
  let copied = 0;
  for (let start = text.indexOf('://'); start !== -1; start = text.indexOf('://', start)) {
    start += 3;
    const { end, isUserInfo } = readAuthority(text, start);
    if (isUserInfo) {
      clean += text.slice(copied, start) + redacted;
      copied = end;
    }
    start = end;
  }
  return copied === 0 ? text : clean + text.slice(copied);
}

/** A port that is no number: what was taken for `host:port` is `user:password` with an unescaped `/`, `?` or `#`, as people write by mistake. */
const noPort = /^[^:[\]]*:\d*\D/;

/** Reads on from `start`, behind the slashes of a URL: as far as the user information goes, or as far as there is none. */
function readAuthority(text: string, start: number): { readonly end: number; readonly isUserInfo: boolean } {
  let at = -1;
  let mayBePath = false;
  let index = start;
  for (; index < text.length; index += 1) {
    const character = text[index];
    if (character === '@') at = index;
    if (character === undefined || endsUrl(character) || (mayBePath && at !== -1)) break;
    if (mayBePath || !endsAuthority(character)) continue;
    mayBePath = at === -1 && noPort.test(text.slice(start, index));
    if (!mayBePath) break;
  }
  if (at > start) return { end: at, isUserInfo: true };
  return { end: index, isUserInfo: index === text.length && index - start > maxHostLength };
}

function endsAuthority(character: string): boolean {
  return character === '/' || character === '?' || character === '#' || character === '\\';
}

/** White space and what RFC 3986 allows in no part of a URL. */
function endsUrl(character: string): boolean {
  return character <= ' ' || character === '"' || character === '<' || character === '>' || character === '`';
}
