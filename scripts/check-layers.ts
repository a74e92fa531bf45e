import { findLayerProblems } from './layers.ts';
import { reportProblems } from './problem.ts';
import { repositoryRoot } from './repository.ts';

reportProblems(findLayerProblems(repositoryRoot), 'every import is in the import table of docs/architecture.md');
