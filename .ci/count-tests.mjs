// Reads JSON reports of vitest and prints the tests of all of them as one line, `N passed, N failed`; any skipped test is an error.
// usage: node count-tests.mjs <exit code of the run> <report…>. Plain JavaScript without dependencies: it has to work where installing failed.
import { existsSync, readFileSync } from 'node:fs';

const [runCode = '1', ...paths] = process.argv.slice(2);
const files = paths.filter((path) => existsSync(path)).flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).testResults);
const tests = files.flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ ...test, file: name })));

const passed = tests.filter(({ status }) => status === 'passed').length;
const left = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
// A file that cannot be loaded is a failure without a test.
const broken = files.filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
);
const failed = tests.length - passed - left.length + broken.length;

for (const { status, file, fullName } of left) {
  console.log(`${status}, which CI does not allow: ${file} > ${fullName}`);
}
for (const { name } of broken) {
  console.log(`failed outside its tests: ${name}`);
}

const isBad = runCode !== '0' || left.length > 0 || failed > 0 || passed === 0;
// What failed may not have been a test: a bad run never reads as one without failures.
console.log(`${passed} passed, ${isBad ? Math.max(1, failed) : 0} failed`);
process.exitCode = isBad ? 1 : 0;
