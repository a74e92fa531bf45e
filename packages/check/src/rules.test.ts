import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rules } from './rules.ts';

const page = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8');
const sections = page.split(/^## /m).slice(1);

test('docs/rules.md has one section for each rule, in the order of the rules, and no other', () => {
  const headings = sections.map((section) => section.slice(0, section.indexOf('\n')));
  expect(headings).toEqual(rules.map((rule) => `${rule.id} ${rule.title}`));
});

test('docs/rules.md gives each rule its severity, definition, reason and remedy', () => {
  for (const [index, rule] of rules.entries()) {
    const section = sections[index];
    expect(section).toContain(`Severity: ${rule.severity}.`);
    expect(section).toContain('**Definition.** ');
    expect(section).toContain('**Why.** ');
    expect(section).toContain('**How to mend.** ');
  }
});

test('every rule has an id of its own and says why it matters and how to mend it', () => {
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  for (const rule of rules) expect([rule.why, rule.help]).toEqual([expect.stringMatching(/\.$/), expect.stringMatching(/\.$/)]);
});
