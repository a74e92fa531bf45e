/**
 * Whether anybody ever listened to events of one name. Most events have nobody who does: this says so by one look, where a scope's set of hooks takes ten. It
 * never turns back, as the hooks of one piece of work come and go with it.
 */
export class Ears {
  #listening = false;

  listen(): void {
    this.#listening = true;
  }

  /** Whether nobody can be listening. Of a type that another copy of this package made nothing is known here. */
  static areShut(ears: Ears): boolean {
    return #listening in ears && !ears.#listening;
  }
}

const byName = new Map<string, Ears>();

/** The same for all types, and all hooks, of one name. */
export function earsFor(name: string): Ears {
  let ears = byName.get(name);
  if (ears === undefined) byName.set(name, (ears = new Ears()));
  return ears;
}
