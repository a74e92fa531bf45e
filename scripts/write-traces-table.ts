import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';
import { tracesPage, writeTraceTables } from './traces-tables.ts';

const path = join(repositoryRoot, tracesPage);
writeFileSync(path, writeTraceTables(readFileSync(path, 'utf8')));
console.log(`wrote the tables of ${tracesPage}`);
