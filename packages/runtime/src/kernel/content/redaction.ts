import type { Principal } from '../principal.ts';
import { formsOf } from './redaction-forms.ts';
import { hideShapes, redacted } from './redaction-shapes.ts';
import { stringsIn } from './redaction-strings.ts';
import type { Secret } from '../secret.ts';

const maxTogether = 4;

/** Credentials, as texts are searched for them. They are read once, when a text is first searched: new credentials come with a new principal. */
export class Secrets {
  readonly #credentials: readonly Secret<unknown>[];
  #forms: readonly string[] | undefined;

  constructor(credentials: readonly Secret<unknown>[]) {
    this.#credentials = credentials;
  }

  /** Those of several together, the first ones where there are many: an error that is made once and thrown for everybody must not gather all. */
  static of(several: Iterable<Secrets>): Secrets {
    const all = new Set([...several].flatMap((secrets) => secrets.#credentials));
    return new Secrets([...all].slice(0, maxTogether));
  }

  /** Characters of the longest form. */
  get maxLength(): number {
    return this.#allForms()[0]?.length ?? 0;
  }

  /** `text` with each occurrence of a credential, in each of its forms, replaced by `[credentials]`. */
  hide(text: string): string {
    let clean = text;
    for (const form of this.#allForms()) if (form.length <= clean.length && clean.includes(form)) clean = clean.replaceAll(form, redacted);
    return clean;
  }

  #allForms(): readonly string[] {
    // Longest first, so that no short form breaks a longer one.
    this.#forms ??= [...new Set(this.#credentials.flatMap(stringsIn).flatMap(formsOf))].toSorted((one, other) => other.length - one.length);
    return this.#forms;
  }
}

const known = new WeakMap<Principal, Secrets>();

/** What must not be said of whoever executes: the credentials of the user, or of the user that an agent acts for. */
export function secretsOf(principal: Principal): Secrets | undefined {
  let last = principal;
  while (last.kind === 'agent') last = last.for;
  if (last.kind !== 'user' || last.credentials === undefined) return undefined;
  let secrets = known.get(last);
  if (secrets === undefined) known.set(last, (secrets = new Secrets([last.credentials])));
  return secrets;
}

/** `text` without the credentials in `secrets`, and without what is a credential by its form. */
export function hideCredentials(text: string, secrets: Secrets | undefined): string {
  return hideShapes(secrets === undefined ? text : secrets.hide(text));
}

const joined = new WeakMap<Secrets, WeakMap<Secrets, Secrets>>();

/** Both together: the same object for the same two, so that what was made with it is known again. */
export function joinSecrets(one: Secrets | undefined, other: Secrets | undefined): Secrets | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  let byOther = joined.get(one);
  if (byOther === undefined) joined.set(one, (byOther = new WeakMap()));
  let both = byOther.get(other);
  if (both === undefined) byOther.set(other, (both = Secrets.of([one, other])));
  return both;
}
