/** One time that a message was handled. */
export interface Handling {
  readonly id: string;
  /** Which delivery of the message it was, from 1. */
  readonly attempt: number;
  /** The process, as `ConsumerProcess.name` has it. */
  readonly by: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A kill as it came to pass. Times in milliseconds since the Unix epoch. */
export interface Killed {
  readonly number: number;
  readonly broker: boolean;
  /** Names of the processes that died. */
  readonly consumers: readonly string[];
  readonly at: number;
  /** When what was killed had been started again. */
  readonly backAt: number;
}

export interface Books {
  /** Ids whose publication the broker has confirmed. */
  readonly published: readonly string[];
  readonly handlings: readonly Handling[];
  readonly deadLettered: readonly string[];
  readonly kills: readonly Killed[];
}

export interface Accounts {
  /** Published, and neither handled nor in the dead letter. */
  readonly lost: readonly string[];
  /** Handled, though no publication was confirmed. */
  readonly unknown: readonly string[];
  readonly handledOnce: number;
  readonly handledMoreOften: number;
  /** Handlings after the first of their message, by the number of the kill that explains them. */
  readonly repeatedBy: ReadonlyMap<number, number>;
  /** Handlings after the first that no kill explains. */
  readonly unexplained: readonly Handling[];
}

/** How long after a broker is back its clients may still be settling what they had before: they look for it twice a second, and wait for answers for 5 s. */
const settlingMs = 6000;

/**
 * Accounts for every message. A handling after the first is explained by a kill of the process that handled it before, or of the broker, which then lost that
 * it was acknowledged or never heard it; the kill lies between the two. Where there are several, it is the last one.
 */
export function account({ published, handlings, deadLettered, kills }: Books): Accounts {
  const byId = groupById(handlings);
  const dead = new Set(deadLettered);
  const known = new Set(published);
  const repeatedBy = new Map<number, number>();
  const unexplained: Handling[] = [];
  for (const ofOne of byId.values()) {
    const inOrder = ofOne.toSorted((a, b) => a.at - b.at);
    for (const [index, before] of inOrder.entries()) {
      const after = inOrder[index + 1];
      if (after === undefined) break;
      const kill = kills.findLast((each) => explains(each, before, after));
      if (kill === undefined) unexplained.push(after);
      else repeatedBy.set(kill.number, (repeatedBy.get(kill.number) ?? 0) + 1);
    }
  }
  const handledMoreOften = [...byId.values()].filter(({ length }) => length > 1).length;
  return {
    lost: [...known].filter((id) => !byId.has(id) && !dead.has(id)),
    unknown: [...byId.keys()].filter((id) => !known.has(id)),
    handledOnce: byId.size - handledMoreOften,
    handledMoreOften,
    repeatedBy,
    unexplained,
  };
}

function explains({ broker, consumers, at, backAt }: Killed, before: Handling, after: Handling): boolean {
  if (consumers.includes(before.by) && before.at <= at && at <= after.at) return true;
  return broker && before.at <= backAt + settlingMs && at <= after.at;
}

function groupById(handlings: readonly Handling[]): Map<string, Handling[]> {
  const byId = new Map<string, Handling[]>();
  for (const handling of handlings) {
    const ofOne = byId.get(handling.id);
    if (ofOne === undefined) byId.set(handling.id, [handling]);
    else ofOne.push(handling);
  }
  return byId;
}
