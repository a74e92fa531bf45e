import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineComponent } from '../component.ts';
import type { Allocation } from '../footprint.ts';
import { renderTopology } from './render-topology.ts';
import { type Topology, topologyOf } from './topology.ts';

/**
 * The part of Mermaid's grammar that is relied on (flow.jison of version 11, and `encodeEntities`, which goes over the text before that):
 * - one statement in a line; ids are letters and digits, and none is a keyword or begins with `o` or `x`, which would be the end of an arrow;
 * - `id["…"]` is a box, `id(["…"])` a stadium, `:::name` after it a class, `a --> b`, `a -.-> b`, `a -->|"…"| b` are arrows, `classDef name css` names a class;
 * - a string is all that is between two `"`, which nothing but another `"` ends; one that begins with a backtick is Markdown;
 * - `#name;` and `#1;` in it are entities of HTML; but the last `;` of a line is eaten where `style` or `classDef`, a colon and `#` come before it;
 * - `direction TB` (BT, RL, LR) anywhere in a line makes it a statement of its own, also in a string.
 */
const quoted = '"([^"`][^"]*)"';
const statements = {
  head: /^flowchart LR$/,
  box: new RegExp(String.raw`^  (i\d+)\[${quoted}\]$`),
  stadium: new RegExp(String.raw`^  (d\d+)\(\[${quoted}\]\)(?::::external)?$`),
  arrow: new RegExp(String.raw`^  ([id]\d+) (-->|-\.->)(?:\|${quoted}\|)? ([id]\d+)$`),
  style: /^ {2}classDef external stroke-dasharray: 5 5$/,
};

/** What a browser shows for a label, as Markdown leaves it alone. */
function shownBy(label: string): string {
  expect(label).not.toMatch(/[&<>*~$|\\[\]{}()]|^[\s\d]*[.+#-]\s|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|www\./u);
  expect(label.replaceAll(/#\d+;/g, '')).not.toMatch(/[#;:@]/);
  return label.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

interface Chart {
  readonly labels: ReadonlyMap<string, string>;
  readonly arrows: readonly string[];
}

/** Fails for what is no statement. */
function read(chart: string): Chart {
  const labels = new Map<string, string>();
  const arrows: string[] = [];
  for (const [index, line] of chart.split('\n').entries()) {
    expect(line).not.toMatch(/direction\s+(?:TB|BT|RL|LR)|(?:style|classDef).*:\S*#.*;/);
    if (index === 0) expect(line).toMatch(statements.head);
    const node = statements.box.exec(line) ?? statements.stadium.exec(line);
    const arrow = statements.arrow.exec(line);
    if (node !== null) labels.set(node[1] ?? '', shownBy(node[2] ?? ''));
    else if (arrow !== null) arrows.push(`${arrow[1]} ${arrow[2]} ${shownBy(arrow[3] ?? '')} ${arrow[4]}`.replace('  ', ' '));
    else if (index > 0) expect(line).toMatch(statements.style);
  }
  return { labels, arrows };
}

const anything = z.unknown();
const bootstrap = (): void => undefined;
const components = [
  defineComponent({ name: 'clerk', aspects: { orders: anything }, bootstrap }),
  defineComponent({ name: 'till', interests: { orders: anything }, aspects: { receipts: anything }, bootstrap }),
  defineComponent({ name: 'mourner', interests: { lost: anything }, bootstrap }),
];
const topologyFor = (allocations: readonly Allocation[], external: readonly string[] = []): Topology =>
  topologyOf({ identifier: 'a', revision: 1, allocations }, components, { external });

const rolls = [
  { component: 'clerk' },
  { component: 'till', instance: 'north' },
  { component: 'till', bindings: { receipts: 'shop.rolls' } },
  { component: 'mourner', bindings: { lost: 'orders.dead' } },
];

test('instances are boxes, destinations are rounded, and dead letters go along dotted arrows', () => {
  const chart = renderTopology(topologyFor(rolls, ['receipts']), 'mermaid');
  expect(chart).toMatchInlineSnapshot(`
    "flowchart LR
      i0["clerk"]
      i1["north #40;till#41;"]
      i2["till"]
      i3["mourner"]
      d0(["orders"])
      d1(["orders.dead"])
      d2(["receipts"]):::external
      d3(["shop.rolls"])
      i0 --> d0
      i1 --> d2
      d0 --> i1
      i1 -.->|"dead letters"| d1
      i2 -->|"receipts"| d3
      d0 --> i2
      i2 -.->|"dead letters"| d1
      d1 -->|"lost"| i3
      classDef external stroke-dasharray: 5 5"
  `);
  expect(read(chart).arrows).toHaveLength(8);
});

test.each([
  'end',
  'a "quoted" name',
  '"',
  '`markdown`',
  '[box](link)',
  'a|b',
  'direction TB',
  'style:a"b',
  'classDef x:#f00;',
  '#quot;',
  '#35;',
  '1. list',
  '_a_ **b** __c',
  'www.example.com',
  'fa:fa-ban',
  '%%{init}%%',
  '<script>alert(1)</script>',
  'ﬂ°°34¶ß',
  '-->',
  'größe-äöü.注文',
  '🧾 $$x$$',
  'subgraph\nend',
])('a destination may be called %j', (name) => {
  const { labels } = read(renderTopology(topologyFor([{ component: 'clerk', bindings: { orders: name } }]), 'mermaid'));
  expect(labels.get('d0')).toBe(name.replaceAll('\n', String.raw`\n`));
});

test('names as they are usual can be read in the source', () => {
  const name = 'shop.orders-v2/north_hall.größe';
  expect(renderTopology(topologyFor([{ component: 'clerk', bindings: { orders: name } }]), 'mermaid')).toContain(
    '(["shop.orders-v2/north_hall.größe"])',
  );
});

const hostile = fc.stringMatching(/^(?:["'`#;:|()[\]{}<>&%@\\/._ -]|end|style|direction|TB|a|1|ß|°){1,12}$/);
const name = fc.oneof(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ minLength: 1, unit: 'binary' }), hostile);

test('whatever the names are, the chart is one, and shows them', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ instance: name, orders: name, receipts: name }), { minLength: 1, maxLength: 4 }), (all) => {
      const allocations = all.map(({ instance, ...bindings }) => ({ component: 'till', instance, bindings }));
      const topology = topologyFor(allocations, [all[0]?.orders ?? '']);
      const { labels, arrows } = read(renderTopology(topology, 'mermaid'));
      const oneLine = (text: string): string =>
        JSON.stringify(text).slice(1, -1).replaceAll(String.raw`\"`, '"').replaceAll(String.raw`\\`, '\\');
      const plain = topology.destinations.filter(
        ({ name: destination }) => !/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/.test(destination),
      );
      const told = [...labels].filter(([id]) => id.startsWith('d')).map(([, label]) => label);
      expect(told).toHaveLength(topology.destinations.length);
      for (const { name: destination } of plain) expect(told).toContain(oneLine(destination));
      expect(labels.size).toBe(topology.instances.length + topology.destinations.length);
      for (const arrow of arrows) {
        const ends = arrow.split(' ');
        expect([labels.has(ends[0] ?? ''), labels.has(ends.at(-1) ?? '')]).toEqual([true, true]);
      }
    }),
    { numRuns: 200 },
  );
});
