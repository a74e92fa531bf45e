import { type FootprintNode, maxDepth, type MemberNode, numberNode } from './node.ts';
import type { FootprintProblems } from './problems.ts';

/** Sticky, so that each tries only the place where the reader stands. */
const whiteSpace = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
/** What may not stand in a string as it is. */
// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these
const special = /["\\\u0000-\u001f]/g;
const escape = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const word = /true|false|null/y;
const words = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** What `JSON.parse` would give, with places; refuses what `JSON.parse` refuses, at the place where it goes wrong. */
export function readJson(text: string, problems: FootprintProblems): FootprintNode {
  return new JsonReader(text, problems).all();
}

class JsonReader {
  readonly #text: string;
  readonly #problems: FootprintProblems;
  #offset = 0;

  constructor(text: string, problems: FootprintProblems) {
    this.#text = text;
    this.#problems = problems;
  }

  all(): FootprintNode {
    if (this.#text.startsWith('\uFEFF')) this.#fail('a byte order mark may not stand here');
    this.#take(whiteSpace);
    const node = this.#value(0);
    if (this.#offset < this.#text.length) this.#fail('nothing may follow here');
    return node;
  }

  #value(depth: number): FootprintNode {
    const offset = this.#offset;
    const first = this.#text[offset];
    if ((first === '{' || first === '[') && depth >= maxDepth) this.#problems.fail(offset, `nested more than ${maxDepth} levels deep`);
    if (first === '{') return { kind: 'object', offset, members: this.#items('}', () => this.#member(depth + 1)) };
    if (first === '[') return { kind: 'list', offset, items: this.#items(']', () => this.#value(depth + 1)) };
    if (first === '"') return { kind: 'scalar', offset, value: this.#string() };
    const named = words.get(this.#take(word));
    if (named !== undefined) return { kind: 'scalar', offset, value: this.#then(named) };
    const digits = this.#take(number);
    if (digits === '') this.#fail('a value must stand here');
    return this.#then(numberNode(Number(digits), digits, offset));
  }

  #member(depth: number): MemberNode {
    const keyOffset = this.#offset;
    if (this.#text[keyOffset] !== '"') this.#fail('a key in double quotes must stand here');
    const key = this.#string();
    if (!this.#skip(':')) this.#fail('a colon must stand here');
    return { key, keyOffset, node: this.#value(depth) };
  }

  #items<Item>(close: '}' | ']', read: () => Item): readonly Item[] {
    this.#step();
    if (this.#skip(close)) return [];
    const items = [read()];
    while (this.#skip(',')) items.push(read());
    if (!this.#skip(close)) this.#fail(`a comma or ${close} must stand here`);
    return items;
  }

  #string(): string {
    const start = this.#offset;
    this.#offset += 1;
    for (;;) {
      special.lastIndex = this.#offset;
      const found = special.exec(this.#text);
      this.#offset = found?.index ?? this.#text.length;
      if (found === null) this.#fail('the string does not end');
      if (found[0] === '"') break;
      if (this.#take(escape) === '') this.#fail(found[0] === '\\' ? 'there is no such escape' : 'a control character wants an escape');
    }
    this.#offset += 1;
    return this.#then(String(JSON.parse(this.#text.slice(start, this.#offset))));
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const [taken = ''] = pattern.exec(this.#text) ?? [];
    this.#offset += taken.length;
    return taken;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#step();
    return true;
  }

  #step(): void {
    this.#offset += 1;
    this.#take(whiteSpace);
  }

  /** White space after a value belongs to it. */
  #then<Value>(value: Value): Value {
    this.#take(whiteSpace);
    return value;
  }

  #fail(message: string): never {
    return this.#problems.fail(this.#offset, `no JSON: ${message}`);
  }
}
