import { isTracewrightError } from 'tracewright';
import { parseFootprint, type ParseFootprintOptions } from 'tracewright/component';
import { describe, expect, test } from 'vitest';

const least = 'identifier: a\nrevision: 1\nallocations:\n  - component: till\n';

/** What a text is refused with; fails the test where it is not. */
function refusalOf(text: string, options?: ParseFootprintOptions): string {
  try {
    parseFootprint(text, options);
  } catch (error: unknown) {
    if (isTracewrightError(error, 'TW_BAD_FOOTPRINT')) return error.message;
    throw error;
  }
  throw new Error(`was read: ${text}`);
}

/** What is wrong with a footprint that is right but for these lines at its end, without the place. */
const withOptions = (options: string): string => refusalOf(`${least}    options:\n${options}`);

describe('the shape', () => {
  test('every mistake is told, in the order of the text, with its place and its path', () => {
    const yaml = `revision: "1"
name: 12
solution:
metadata: hunter2
locations: eu-1
alocations: []
allocations:
  - component: 12
    instanse: north
    bindings: { orders: true, "a b": '' }
  - till
  - instance: [south]
    component: till
    component: till
    bindings: [orders]
colour: red
`;
    expect(refusalOf(yaml, { source: 'shop.yaml' })).toMatchInlineSnapshot(`
      "shop.yaml:1:1: identifier is missing
      shop.yaml:1:11: revision must be a whole number of at least 0, received "1": take the quotes away
      shop.yaml:2:7: name must be a non-empty string, received 12: quote it
      shop.yaml:3:10: solution must be a non-empty string, received null
      shop.yaml:4:11: metadata must be an object, received a string
      shop.yaml:5:12: locations must be a list of strings, received "eu-1"
      shop.yaml:6:1: alocations is not a member: there are identifier, revision, name, solution, metadata, locations, allocations; did you mean allocations?
      shop.yaml:8:16: allocations[0].component must be a non-empty string, received 12: quote it
      shop.yaml:9:5: allocations[0].instanse is not a member: there are component, instance, options, bindings; did you mean instance?
      shop.yaml:10:25: allocations[0].bindings.orders must be a non-empty string, received true: quote it
      shop.yaml:10:38: allocations[0].bindings["a b"] must be a non-empty string, received ""
      shop.yaml:11:5: allocations[1] must be an object, received "till"
      shop.yaml:12:15: allocations[2].instance must be a non-empty string, received a list
      shop.yaml:14:5: allocations[2].component is there already
      shop.yaml:15:15: allocations[2].bindings must be an object of destinations by their targets, received a list
      shop.yaml:16:1: colour is not a member: there are identifier, revision, name, solution, metadata, locations, allocations"
    `);
  });

  test('JSON is refused in the same words', () => {
    const json = `{
  "identifier": "",
  "revision": -1,
  "name": null,
  "metadata": [1],
  "locations": ["eu-1", 2],
  "allocations": [],
  "revision": 2
}`;
    expect(refusalOf(json)).toMatchInlineSnapshot(`
      "footprint:2:17: identifier must be a non-empty string, received ""
      footprint:3:15: revision must be a whole number of at least 0, received -1
      footprint:4:11: name must be a non-empty string, received null
      footprint:5:15: metadata must be an object, received a list
      footprint:6:25: locations[1] must be a non-empty string, received 2: quote it
      footprint:7:18: allocations must be a list of at least one allocation, received an empty list
      footprint:8:3: revision is there already"
    `);
    expect(refusalOf(json, { format: 'yaml' })).toBe(refusalOf(json));
  });

  test('the problems are data, too', () => {
    let data: unknown;
    try {
      parseFootprint('identifier: a\nrevision: 1.5\nallocations: [{}]\n', { source: 'a.yaml' });
    } catch (error: unknown) {
      data = isTracewrightError(error, 'TW_BAD_FOOTPRINT') ? error.data : error;
    }
    expect(data).toEqual({
      source: 'a.yaml',
      problems: [
        { line: 2, column: 11, path: 'revision', message: 'must be a whole number of at least 0, received 1.5' },
        { line: 3, column: 15, path: 'allocations[0].component', message: 'is missing' },
      ],
    });
  });

  test.each([
    ['[]', 'footprint:1:1: the footprint must be an object, received an empty list'],
    ['null', 'footprint:1:1: the footprint must be an object, received null'],
    ['"shop"', 'footprint:1:1: the footprint must be an object, received "shop"'],
    [' 12', 'footprint:1:2: the footprint must be an object, received 12'],
  ])('a footprint is an object: %s', (text, message) => {
    expect(refusalOf(text)).toBe(message);
    expect(refusalOf(text, { format: 'json' })).toBe(message);
  });

  test.each(['1e3', '0x10', '0'])('a revision may be written as %s in YAML', (revision) => {
    expect(parseFootprint(least.replace('revision: 1', `revision: ${revision}`)).revision).toBe(Number(revision));
  });

  test.each([
    ['1.5', 'received 1.5'],
    ['-1', 'received -1'],
    ['true', 'received true'],
    ['', 'received null'],
    ['9007199254740992', 'received 9007199254740992'],
    ["'7'", 'received "7": take the quotes away'],
    ['seven', 'received "seven"'],
  ])('a revision is no %s', (revision, received) => {
    expect(refusalOf(least.replace('revision: 1', `revision: ${revision}`))).toContain(
      ` revision must be a whole number of at least 0, ${received}`,
    );
  });

  test('a long value is shown only in part', () => {
    expect(refusalOf(`${least}revision: ${'x'.repeat(61)}`.replace('revision: 1\n', ''))).toContain(`received "${'x'.repeat(60)}"…`);
  });

  test('a name that is far from all members is no misspelling of one', () => {
    expect(refusalOf(`${least}date: today\n`)).toBe(
      'footprint:5:1: date is not a member: there are identifier, revision, name, solution, metadata, locations, allocations',
    );
    expect(refusalOf(`${least}Name: shop\n`)).toMatch(/; did you mean name\?$/);
    expect(refusalOf(`${least}    binding: {}\n`)).toMatch(/; did you mean bindings\?$/);
  });

  test('a member that is there twice is a problem where it comes again, on each level', () => {
    expect(refusalOf(`${least}revision: 1\n`)).toBe('footprint:5:1: revision is there already');
    expect(withOptions('      a: { b: 1, "b": 2 }\n')).toBe('footprint:6:18: allocations[0].options.a.b is there already');
    expect(refusalOf(`${least}metadata: { a: 1, a: 2 }\n`)).toBe('footprint:5:19: metadata.a is there already');
  });

  test('values of options and metadata are on no message', () => {
    const secret = 'hunter2';
    const texts = [
      `${least}metadata: ${secret}\n`,
      `${least}    options: { a: ${secret}, a: ${secret} }\n`,
      `${least}    options: { a: !vault ${secret} }\n`,
      `${least}    options: { a: !${secret}, b: 1 }\n`,
      `${least}    options: { a: !<${secret}, b: 1 }\n`,
      `${least}    options: { a: *${secret} }\n`,
      `${least}    options: { a: &${secret} &${secret} 1 }\n`,
      `${least}    options: { a: @${secret}, b: \`${secret}, c: %${secret} }\n`,
      `${least}    options:\n      a: ${secret}\n     ${secret}: b\n`,
      `%${secret}\n---\n${least}`,
      `${least}    options: { a: "${secret}\\q" }\n`,
      `${least}    options: { a: |2${secret} }\n`,
      `${least}    options: { a: [${secret}, } }\n`,
      `${least}    options:\n      a: |2${secret}\n        x\n`,
      `${least}    options: ${secret}\n     b: ${secret}\n`,
      `${least}    options: { a: b } ${secret}\n${secret}\n`,
      `${least}} ${secret}\n`,
      `${least}    options: "${secret}\n`,
      `{"allocations":[{"options":{"a":"${secret}\\q"}}]}`,
      `{"allocations":[{"options":{"a": ${secret}}}]}`,
      `{"allocations":[{"options":{"a": "${secret}}}]}`,
    ];
    for (const text of texts) expect(refusalOf(text)).not.toContain(secret);
  });
});

describe('YAML', () => {
  test.each([
    ['an empty text', '', '1:1: the text is empty'],
    ['white space', ' \n\n', '1:1: the text is empty'],
    ['comments only', '# a\n# b\n', '1:1: the text is empty'],
    ['a tab before a key', 'identifier: a\nallocations:\n\t- component: a\n', '3:1: no YAML: tabs are not allowed as indentation'],
    ['two documents', `${least}---\n${least}`, '5:1: a second document begins here: a text holds one footprint'],
    ['a string without its end', 'identifier: "a\n', '2:1: no YAML: missing closing "quote'],
    [
      'a list without its end',
      'identifier: [a\n',
      '2:1: no YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a mapping in a value', 'identifier: a: b\n', '1:13: no YAML: nested mappings are not allowed in compact mappings'],
    ['more after the end', '"a" b', '1:5: no YAML: unexpected scalar at node end'],
    ['an unknown directive', `%FOO\n---\n${least}`, '1:1: no YAML: unknown directive'],
  ])('%s is refused with its place', (_what, text, message) => {
    expect(refusalOf(text, { format: 'yaml' })).toBe(`footprint:${message}`);
  });

  test.each([
    ['a binary', '      a: !!binary aGk=\n', '6:10: the tag !!binary does not stand for plain data'],
    ['a date', '      a: !!timestamp 2026-11-21\n', '6:10: the tag !!timestamp does not stand for plain data'],
    ['a set', '      a: !!set { b, c }\n', '6:10: the tag !!set does not stand for plain data'],
    ["a tag of one's own", '      a: !shop { b: 1 }\n', '6:10: an unknown tag does not stand for plain data'],
    ['a wrong tag', '      a: !!int b\n', '6:10: the tag !!int does not stand for plain data'],
    ['an infinite number', '      a: [-.inf]\n', '6:11: allocations[0].options.a[0] is no finite number'],
    ['not a number', '      a: .nan\n', '6:10: allocations[0].options.a is no finite number'],
    ['too many digits', '      a: 9007199254740993\n', '6:10: allocations[0].options.a has more digits than a number can hold: quote it'],
    ['a number as a key', '      8080: web\n', '6:7: allocations[0].options.8080 is a key that is no string: quote it'],
    ['a list as a key', '      [a]: web\n', '6:7: allocations[0].options["?"] is a key that is no string'],
    ['an alias as a key', '      a: &x b\n      *x : web\n', '7:7: allocations[0].options["?"] is a key that is no string'],
    ['a merge key', '      a: &x {}\n      <<: *x\n', '7:7: allocations[0].options["<<"] is no key: YAML 1.2 merges nothing'],
    [
      'an unknown alias',
      '      a: *x\n      b: &x 1\n',
      '6:10: allocations[0].options.a is an alias without an anchor before it: quote it if it is text',
    ],
    ['an alias within itself', '      a: &x [[*x]]\n', '6:15: allocations[0].options.a[0][0] is an alias of what it stands in'],
  ])('%s in options is no plain data', (_what, options, message) => {
    expect(withOptions(options)).toBe(`footprint:${message}`);
  });

  test('unknown tags are told along with the other mistakes', () => {
    expect(refusalOf(`${least}    options: !a 1\n    colour: red\n`).split('\n')).toEqual([
      'footprint:5:14: an unknown tag does not stand for plain data',
      expect.stringMatching(/^footprint:6:5: allocations\[0\]\.colour is not a member/),
    ]);
  });

  test('a hundred aliases are enough, those behind aliases counted each time', () => {
    const aliases = (count: number): string => `      a: &x [1]\n      b: [${Array.from({ length: count }, () => '*x').join(', ')}]\n`;
    expect(parseFootprint(`${least}    options:\n${aliases(100)}`).allocations).toHaveLength(1);
    expect(withOptions(aliases(101))).toBe('footprint:7:411: more than 100 aliases, with those that they lead to');
    const levels = Array.from({ length: 9 }, (_, level) => `      l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]\n`);
    expect(withOptions(`      l0: &l0 ["ha"]\n${levels.join('')}`)).toMatch(/^footprint:8:\d+: more than 100 aliases/);
  });

  test('what few aliases stand for has an end, too', () => {
    const many = (values: number): string => `      a: &x [${'1, '.repeat(values)}]\n      b: [*x, *x]\n`;
    expect(parseFootprint(`${least}    options:\n${many(4_999)}`).revision).toBe(1);
    expect(withOptions(many(5_000))).toMatch(/^footprint:6:\d+: aliases stand for more than 10000 values$/);
  });

  test('lines may end as on Windows, and a byte order mark may come first', () => {
    const windows = `\uFEFF${least}colour: red\n`.replaceAll('\n', '\r\n');
    expect(refusalOf(windows)).toMatch(/^footprint:5:1: colour is not a member/);
    expect(parseFootprint(windows.replace('colour: red', ''))).toEqual(parseFootprint(least));
  });
});

describe('JSON', () => {
  test.each([
    ['', '1:1: the text is empty'],
    ['\uFEFF{}', '1:1: no JSON: a byte order mark may not stand here'],
    ['{"a": 1,}', '1:9: no JSON: a key in double quotes must stand here'],
    ['{"a": [1,\n]}', '2:1: no JSON: a value must stand here'],
    ['{"a": [1 2]}', '1:10: no JSON: a comma or ] must stand here'],
    ['{"a": 1 "b": 2}', '1:9: no JSON: a comma or } must stand here'],
    ['{"a" 1}', '1:6: no JSON: a colon must stand here'],
    ['{a: 1}', '1:2: no JSON: a key in double quotes must stand here'],
    ["{'a': 1}", '1:2: no JSON: a key in double quotes must stand here'],
    ['{"a": 01}', '1:8: no JSON: a comma or } must stand here'],
    ['{"a": .5}', '1:7: no JSON: a value must stand here'],
    ['{"a": NaN}', '1:7: no JSON: a value must stand here'],
    ['{} // end', '1:4: no JSON: nothing may follow here'],
    ['{"a": "b', '1:9: no JSON: the string does not end'],
    ['{"a": "b\tc"}', '1:9: no JSON: a control character wants an escape'],
    ['{"a": "b\\xc"}', '1:9: no JSON: there is no such escape'],
    ['{"a": "\\u12g4"}', '1:8: no JSON: there is no such escape'],
    ['{"a":', '1:6: no JSON: a value must stand here'],
    ['{', '1:2: no JSON: a key in double quotes must stand here'],
    ['{\u00a0}', '1:2: no JSON: a key in double quotes must stand here'],
  ])('%j is refused with its place', (text, message) => {
    expect(refusalOf(text, { format: 'json' })).toBe(`footprint:${message}`);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test('numbers that JSON allows and a number cannot hold are refused', () => {
    const text =
      '{"identifier":"a","revision":1,"metadata":{"a":1e400,"b":-9007199254740993,"c":1e21,"d":-9007199254740992},"allocations":[{"component":"a"}]}';
    expect(refusalOf(text).split('\n')).toEqual([
      'footprint:1:48: metadata.a is no finite number',
      'footprint:1:58: metadata.b has more digits than a number can hold: quote it',
    ]);
  });
});

test.each(['yaml', 'json'] as const)('what is nested too deeply is refused, not fallen over: %s', (format) => {
  const nested = (levels: number): string =>
    `{"identifier":"a","revision":1,"metadata":{"a":${'['.repeat(levels)}${']'.repeat(levels)}},"allocations":[{"component":"a"}]}`;
  expect(parseFootprint(nested(62), { format }).revision).toBe(1);
  expect(refusalOf(nested(63), { format })).toBe('footprint:1:110: nested more than 64 levels deep');
  expect(refusalOf(nested(20_000), { format })).toBe('footprint:1:110: nested more than 64 levels deep');
  expect(refusalOf('['.repeat(20_000), { format })).toBe('footprint:1:65: nested more than 64 levels deep');
});

test('blocks of YAML, keys and what aliases stand for count as levels, too', () => {
  expect(refusalOf('- '.repeat(20_000))).toBe('footprint:1:129: nested more than 64 levels deep');
  expect(refusalOf('? '.repeat(20_000))).toBe('footprint:1:129: nested more than 64 levels deep');
  expect(refusalOf(Array.from({ length: 200 }, (_, level) => `${' '.repeat(level)}a:\n`).join(''))).toBe(
    'footprint:65:65: nested more than 64 levels deep',
  );
  const half = `${'['.repeat(40)}1${']'.repeat(40)}`;
  expect(withOptions(`      a: &x ${half}\n      b: ${'['.repeat(30)}*x${']'.repeat(30)}\n`)).toMatch(/^footprint:6:\d+: nested more/);
});
