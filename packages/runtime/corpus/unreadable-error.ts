import { fail } from 'node:assert/strict';

/** A draft of a state library, thrown by mistake once it is revoked: every look at it throws. */
export function revokedDraft(): object {
  const draft = Proxy.revocable(new Error('invalid state'), {});
  draft.revoke();
  return draft.proxy;
}

/** What `work` throws, to be compared by identity alone; in a box, as a promise would look for a `then` on it. */
export async function thrownBy(work: () => unknown): Promise<{ readonly error: unknown }> {
  try {
    await work();
  } catch (error) {
    return { error };
  }
  return fail('nothing was thrown');
}
