import type { Rule } from './rule.ts';
import { afterRoot } from './rules/after-root.ts';
import { badDuration } from './rules/bad-duration.ts';
import { badId } from './rules/bad-id.ts';
import { cycle } from './rules/cycle.ts';
import { duplicateId } from './rules/duplicate-id.ts';
import { endedTwice } from './rules/ended-twice.ts';
import { errorWithoutStatus } from './rules/error-without-status.ts';
import { manyRoots } from './rules/many-roots.ts';
import { neverEnded } from './rules/never-ended.ts';
import { orphanLocal } from './rules/orphan-local.ts';
import { orphanRemote } from './rules/orphan-remote.ts';
import { rootless } from './rules/rootless.ts';
import { statusWithoutType } from './rules/status-without-type.ts';

/** Every rule, in the order in which findings are given. `docs/rules.md` is compared with this list in both directions. */
export const rules: readonly Rule[] = [
  orphanLocal,
  orphanRemote,
  rootless,
  manyRoots,
  duplicateId,
  cycle,
  badId,
  afterRoot,
  neverEnded,
  endedTwice,
  badDuration,
  errorWithoutStatus,
  statusWithoutType,
];
