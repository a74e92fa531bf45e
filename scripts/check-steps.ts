/** One step of `npm run check`. */
export interface CheckStep {
  readonly name: string;
  readonly what: string;
  /** Run one after the other. Programs of installed packages are found by their names, as in any npm script. */
  readonly commands: readonly (readonly string[])[];
}

const script = (name: string): readonly string[] => ['node', '--conditions=@tracewright/source', '--import', 'tsx', `scripts/${name}.ts`];

/**
 * All steps in order, the quick ones first.
 *
 * @param testReport path of a JSON report that the tests write beside their output
 */
export function checkSteps(testReport?: string): readonly CheckStep[] {
  const report = testReport === undefined ? [] : ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${testReport}`];
  return [
    { name: 'format', what: 'Biome', commands: [['biome', 'format', '.']] },
    { name: 'lint', what: 'oxlint, with types', commands: [['npm', 'run', '--silent', 'lint']] },
    { name: 'layers', what: 'the import table of docs/architecture.md', commands: [script('check-layers')] },
    {
      name: 'types',
      what: 'TypeScript: packages, tests, scripts',
      commands: [
        ['tsc', '-b'],
        ['tsc', '-p', 'tsconfig.test.json'],
      ],
    },
    { name: 'knip', what: 'unlisted dependencies, unused exports', commands: [['knip']] },
    { name: 'test', what: 'vitest', commands: [['npm', 'test', '--silent', ...report]] },
    { name: 'docs', what: 'code blocks, error codes, trace tables, links', commands: [script('check-docs')] },
    {
      name: 'corpus',
      what: 'each hostile case holds, the table in docs/guarantees.md is the last run',
      commands: [['node', '--conditions=@tracewright/source', '--import', 'tsx', 'packages/runtime/corpus/run.ts', '--check']],
    },
    { name: 'examples', what: 'each example prints its expected trace', commands: [script('check-examples')] },
    { name: 'packages', what: 'pack, publint, attw, install from the tarballs', commands: [script('check-packages')] },
  ];
}

/** The steps of these names in the order of the list, all for no name; for an unknown name, the sentence that says so. */
export function chooseSteps(steps: readonly CheckStep[], names: readonly string[]): readonly CheckStep[] | string {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    return `no step is named ${unknown.join(', ')}; there are ${steps.map(({ name }) => name).join(', ')}`;
  }
  return names.length === 0 ? steps : steps.filter(({ name }) => names.includes(name));
}
