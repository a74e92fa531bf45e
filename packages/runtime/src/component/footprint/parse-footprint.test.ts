import { isTracewrightError } from 'tracewright';
import {
  defineComponent,
  deploy,
  type Footprint,
  memoryTransport,
  parseFootprint,
  type ParseFootprintOptions,
} from 'tracewright/component';
import { recordTraces } from 'tracewright/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const whole: Footprint = {
  identifier: 'a2b8f2f0',
  revision: 7,
  name: 'shop',
  solution: 'retail',
  metadata: { team: 'tills', pager: null, levels: [1, 2.5, true] },
  locations: ['eu-1', 'eu-2'],
  allocations: [
    { component: 'till', instance: 'north', options: { greeting: 'bye', limits: [1, { a: '2' }] }, bindings: { orders: 'shop.orders' } },
    { component: 'till', instance: 'south' },
  ],
};
const wholeYaml = `# the shop
identifier: a2b8f2f0
revision: 7
name: shop
solution: retail
metadata: { team: tills, pager: null, levels: [1, 2.5, true] }
locations: [eu-1, 'eu-2']
allocations:
  - component: till
    instance: north
    options:
      greeting: bye # for now
      limits:
        - 1
        - a: "2"
    bindings:
      orders: shop.orders
  - component: till
    instance: south
`;

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

describe('what is read', () => {
  test('YAML and JSON of the same footprint give the same, solution and revision included', () => {
    expect(parseFootprint(wholeYaml)).toEqual(whole);
    expect(parseFootprint(JSON.stringify(whole))).toEqual(whole);
    expect(parseFootprint(JSON.stringify(whole, undefined, 2), { format: 'yaml' })).toEqual(whole);
  });

  test.each(['', ' null', ' ~', ' Null', ' !!null null'])('options written as "%s" are none', (written) => {
    expect(parseFootprint(`${least}    options:${written}\n`).allocations).toStrictEqual([{ component: 'till' }]);
  });

  test('options may be any plain data', () => {
    expect(parseFootprint(`${least}    options: 12\n`).allocations[0]?.options).toBe(12);
    expect(parseFootprint(`${least}    options: [a, false]\n`).allocations[0]?.options).toEqual(['a', false]);
    expect(parseFootprint(`${least}    options: {}\n`).allocations[0]?.options).toEqual({});
  });

  test('what is read is frozen to the last value', () => {
    const pending: unknown[] = [parseFootprint(wholeYaml), parseFootprint(JSON.stringify(whole))];
    let seen = 0;
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      if (typeof value !== 'object' || value === null) continue;
      expect(Object.isFrozen(value)).toBe(true);
      seen += 1;
      pending.push(...Object.values(value));
    }
    expect(seen).toBe(22);
  });

  test('what is read can be deployed', async () => {
    using traces = recordTraces();
    const received: unknown[] = [];
    const till = defineComponent({
      name: 'till',
      options: z.object({ greeting: z.string().default('hello') }),
      interests: { orders: z.string() },
      bootstrap(_l, _link, options) {
        received.push(options);
      },
    });
    const runtime = traces.runtime();
    const deployment = await deploy(parseFootprint(wholeYaml), {
      runtime,
      components: [till],
      transport: memoryTransport(),
      locations: ['eu-2'],
    });
    await deployment.ready;
    await deployment.stop();
    expect(received).toEqual([{ greeting: 'bye' }, { greeting: 'hello' }]);
    expect(deployment.footprint).toEqual(whole);
  });

  test('strings of YAML 1.1 are strings: no, on, dates, times, and what a directive wants changes nothing', () => {
    const words = 'options: { a: no, b: on, c: 2026-11-21, d: 12:30:45, e: 1_000, f: y }';
    const options = { a: 'no', b: 'on', c: '2026-11-21', d: '12:30:45', e: '1_000', f: 'y' };
    expect(parseFootprint(`${least}    ${words}\n`).allocations[0]?.options).toEqual(options);
    expect(parseFootprint(`%YAML 1.1\n---\n${least}    ${words}\n`).allocations[0]?.options).toEqual(options);
  });

  test('tags of plain data say which it is', () => {
    expect(parseFootprint(`${least}    options: { a: !!str 12, b: !!int "12", c: ! 12, d: !!map {} }\n`).allocations[0]?.options).toEqual({
      a: '12',
      b: 12,
      c: '12',
      d: {},
    });
  });

  test('an alias stands for what its anchor was last before it, also when it is read through another', () => {
    const options = '{ a: &x { v: &y 1, w: *y }, b: &y 2, c: *x, d: *y }';
    expect(parseFootprint(`${least}    options: ${options}\n`).allocations[0]?.options).toEqual({
      a: { v: 1, w: 1 },
      b: 2,
      c: { v: 1, w: 1 },
      d: 2,
    });
  });

  test('a key may have the name of something that objects inherit', () => {
    const text = '{"identifier":"a","revision":0,"allocations":[{"component":"till","options":{"__proto__":{"a":1},"constructor":2}}]}';
    for (const format of ['json', 'yaml'] as const) {
      const options = parseFootprint(text, { format }).allocations[0]?.options;
      expect(JSON.stringify(options)).toBe('{"__proto__":{"a":1},"constructor":2}');
      expect(Object.getPrototypeOf(options)).toBe(Object.prototype);
    }
    expect(refusalOf(`${least}constructor: 1\n`)).toMatch(/^footprint:5:1: constructor is not a member: /);
  });
});

describe('how it is read', () => {
  test.each([
    { decides: 'the text', text: '  {"identifier": a}', kind: 'no JSON: ' },
    { decides: 'the text', text: 'identifier: [', kind: 'no YAML: ' },
    { decides: 'the ending', text: '{"identifier": }}', options: { source: 'a.yml' }, kind: 'no YAML: ' },
    { decides: 'the ending', text: '{"identifier": }}', options: { source: 'a.YAML' }, kind: 'no YAML: ' },
    { decides: 'the ending', text: 'identifier: a', options: { source: 'dir.yaml/a.json' }, kind: 'no JSON: ' },
    { decides: 'the option', text: 'identifier: a', options: { source: 'a.yaml', format: 'json' as const }, kind: 'no JSON: ' },
    { decides: 'the option', text: '{"identifier": }}', options: { source: 'a.json', format: 'yaml' as const }, kind: 'no YAML: ' },
  ])('$decides decides: $text $options', ({ text, options, kind }) => {
    expect(refusalOf(text, options)).toContain(kind);
  });

  test('wrong options are refused', () => {
    // What the compiler refuses, from JavaScript.
    const parse = parseFootprint as (text: unknown, options?: unknown) => unknown;
    expect(() => parse(12)).toThrow('parseFootprint.text must be a string, received 12');
    expect(() => parse(least, { format: 'toml' })).toThrow("parseFootprint.format must be 'yaml', 'json' or 'auto', received 'toml'");
    expect(() => parse(least, { source: '' })).toThrow("parseFootprint.source must be a non-empty string, received ''");
    expect(() => parse(least, { file: 'a' })).toThrow('parseFootprint.file is not an option: there are format, source');
  });
});
