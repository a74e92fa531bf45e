import { badOption, TracewrightError } from '../kernel/errors.ts';
import type { Footprint } from './footprint.ts';

/** @throws {TracewrightError} `TW_STALE_REVISION`; `TW_BAD_OPTION` where it is another footprint */
export function requireSuccessor(running: Footprint, next: Footprint, how: 'runs' | 'is to run' = 'runs'): void {
  const { identifier, revision } = running;
  if (next.identifier !== identifier)
    throw badOption(
      'footprint.identifier',
      `that of the footprint that runs, ${identifier}: another one is another deployment`,
      next.identifier,
    );
  if (next.revision > revision) return;
  const message = `revision ${next.revision} of ${identifier} is not applied: revision ${revision} ${how}`;
  throw new TracewrightError('TW_STALE_REVISION', message, { data: { identifier, revision: next.revision, running: revision } });
}

/** @throws {TracewrightError} `TW_ELSEWHERE` where the footprint is for other places than those that this process is in */
export function requireLocation({ identifier, locations: wanted = [] }: Footprint, here: readonly string[]): void {
  if (wanted.length === 0 || wanted.some((location) => here.includes(location))) return;
  const where = here.length === 0 ? 'this process names none' : `this process is in ${here.join(', ')}`;
  const message = `${identifier} is for ${wanted.join(', ')}, and ${where}`;
  throw new TracewrightError('TW_ELSEWHERE', message, { data: { identifier, wanted, here } });
}
