import { type Alias, Composer, type CST, isAlias, isMap, isScalar, isSeq, Lexer, type Node, type Pair, Parser, type YAMLError } from 'yaml';
import { type FootprintNode, maxDepth, type MemberNode, numberNode, type WrongNode } from './node.ts';
import type { FootprintProblems } from './problems.ts';

/** How many aliases one text may use, those within what others stand for counted each time: ten lines could stand for billions otherwise. */
const maxAliases = 100;

/** How many values all aliases of one text may stand for together: a hundred may stand for something large, each. */
const maxAliasedValues = 10_000;

/** What YAML 1.2 says by its core schema, of which JSON is a part: no dates, no binaries, no merge keys, whatever a directive asks for. */
const yamlOptions = {
  version: '1.2',
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  strict: true,
  uniqueKeys: false, // The shape says this, with the path, for both formats.
  prettyErrors: false, // They would show the text around them, which may hold secrets.
  logLevel: 'silent',
} as const;

/** What a text in YAML says. Everything that is not plain data is a problem. */
export function readYaml(text: string, problems: FootprintProblems): FootprintNode {
  const [document, second] = new Composer(yamlOptions).compose(tokensOf(text, problems));
  if (document === undefined) return problems.fail(0, 'the text is empty');
  if (second !== undefined) problems.add(second.range[0], '', 'a second document begins here: a text holds one footprint');
  const flaws = [...document.errors, ...document.warnings];
  for (const flaw of flaws) problems.add(Math.min(flaw.pos[0], text.length), '', messageOf(flaw, text));
  // What stands in a text that is no YAML is guesswork; all but unknown tags leave nothing to look at.
  if (second !== undefined || flaws.some(({ code }) => code !== 'TAG_RESOLVE_FAILED')) problems.throwIfAny();
  return new YamlReader(problems).value(document.contents, 0);
}

/** The library composes by recursion, and a stack that overflows in there can end the process: what is too deep must not get so far. */
function* tokensOf(text: string, problems: FootprintProblems): Generator<CST.Token, void> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // The first is the document.
    const tooDeep = parser.stack[maxDepth + 1];
    if (tooDeep !== undefined && 'items' in tooDeep) problems.fail(tooDeep.offset, `nested more than ${maxDepth} levels deep`);
  }
  yield* parser.end();
}

function messageOf({ code, message, pos: [from, to] }: YAMLError, text: string): string {
  if (code === 'TAG_RESOLVE_FAILED') return `${tagText(text.slice(from, to))} does not stand for plain data`;
  // Some messages end with a piece of the text.
  const own = message.replace(
    /(in YAML stream|in YAML document|extra characters|Not a YAML token|Invalid escape sequence|Unknown directive):? .*/su,
    '$1',
  );
  return `no YAML: ${own.charAt(0).toLowerCase()}${own.slice(1)}`;
}

/** An unknown tag may be a password that begins with an exclamation mark. */
function tagText(tag: string): string {
  return /^!!(?:binary|timestamp|set|omap|pairs|str|int|float|bool|null|map|seq)$/.test(tag) ? `the tag ${tag}` : 'an unknown tag';
}

class YamlReader {
  readonly #problems: FootprintProblems;
  readonly #anchors = new Map<string, Node>();
  /** An anchor may be given again: what counts is the one before the alias, wherever that alias is read again. */
  readonly #targets = new Map<Alias, Node | undefined>();
  /** What is being read now, through aliases: one of them again would have no end. */
  readonly #open = new Set<Node>();
  #aliases = 0;
  #aliasedValues = 0;
  #within = 0;

  constructor(problems: FootprintProblems) {
    this.#problems = problems;
  }

  value(node: unknown, depth: number, offsetOfNothing = 0): FootprintNode {
    if (isAlias(node)) return this.#aliased(node, depth);
    const offset = offsetOf(node) ?? offsetOfNothing;
    if (this.#within > 0) this.#aliasedValues += 1;
    if (this.#aliasedValues > maxAliasedValues) this.#problems.fail(offset, `aliases stand for more than ${maxAliasedValues} values`);
    this.#remember(node);
    if (isScalar(node)) return scalarOf(node.value, node.source ?? '', offset);
    if (!isMap(node) && !isSeq(node)) return { kind: 'scalar', offset, value: null };
    if (depth >= maxDepth) this.#problems.fail(offset, `nested more than ${maxDepth} levels deep`);
    this.#open.add(node);
    const read: FootprintNode = isMap(node)
      ? { kind: 'object', offset, members: node.items.map((pair) => this.#member(pair, depth + 1, offset)) }
      : { kind: 'list', offset, items: node.items.map((item) => this.value(item, depth + 1, offset)) };
    this.#open.delete(node);
    return read;
  }

  #member({ key, value }: Pair, depth: number, offsetOfMap: number): MemberNode {
    const keyOffset = offsetOf(key) ?? offsetOfMap;
    this.#remember(key);
    const node = this.value(value, depth, keyOffset);
    if (!isScalar(key)) return { key: '?', keyOffset, node: wrong(keyOffset, 'is a key that is no string') };
    if (typeof key.value !== 'string')
      return { key: key.source ?? '', keyOffset, node: wrong(keyOffset, 'is a key that is no string: quote it') };
    if (key.value === '<<' && key.type === 'PLAIN')
      return { key: key.value, keyOffset, node: wrong(keyOffset, 'is no key: YAML 1.2 merges nothing') };
    return { key: key.value, keyOffset, node };
  }

  #aliased(alias: Alias, depth: number): FootprintNode {
    const offset = offsetOf(alias) ?? 0;
    if (!this.#targets.has(alias)) this.#targets.set(alias, this.#anchors.get(alias.source));
    const target = this.#targets.get(alias);
    if (target === undefined) return wrong(offset, 'is an alias without an anchor before it: quote it if it is text');
    if (this.#open.has(target)) return wrong(offset, 'is an alias of what it stands in');
    this.#aliases += 1;
    if (this.#aliases > maxAliases) this.#problems.fail(offset, `more than ${maxAliases} aliases, with those that they lead to`);
    this.#within += 1;
    const node = this.value(target, depth);
    this.#within -= 1;
    return node;
  }

  #remember(node: unknown): void {
    if (this.#within > 0 || !(isScalar(node) || isMap(node) || isSeq(node))) return;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
  }
}

function scalarOf(value: unknown, source: string, offset: number): FootprintNode {
  if (typeof value === 'number') return numberNode(value, source, offset);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return { kind: 'scalar', offset, value };
  return wrong(offset, 'is no plain data');
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

function wrong(offset: number, message: string): WrongNode {
  return { kind: 'wrong', offset, message };
}
