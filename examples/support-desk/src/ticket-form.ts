/** What a ticket is opened with. */
export interface TicketForm {
  readonly subject: string;
  /** The orders that the ticket is about, when it is about any. */
  readonly orders: readonly string[];
}

export type CheckedForm = { readonly ok: true; readonly form: TicketForm } | { readonly ok: false; readonly problem: string };

const maxSubjectLength = 200;
const known = ['subject', 'order'];
/** One order, or up to three with commas between them. */
const ordersShape = /^[A-Z]-\d{1,9}(, ?[A-Z]-\d{1,9}){0,2}$/;

/** Turns the JSON of a request into a form, or into a sentence that says what is wrong with it. */
export function checkTicketForm(text: string): CheckedForm {
  const value = parse(text);
  if (!value.ok) return value;
  const { json } = value;
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return wrong('the body must be a JSON object such as {"subject": "Where is my parcel?"}');
  const unknown = Object.keys(json).find((key) => !known.includes(key));
  if (unknown !== undefined) return wrong(`"${unknown}" is not a field of a ticket; there are ${known.join(' and ')}`);
  const subject = 'subject' in json ? json.subject : undefined;
  if (typeof subject !== 'string' || subject.trim() === '') return wrong('"subject" must be a text that is not empty');
  if (subject.length > maxSubjectLength)
    return wrong(`"subject" has ${subject.length} characters, at most ${maxSubjectLength} are allowed`);
  const order = 'order' in json ? json.order : undefined;
  if (order === undefined) return { ok: true, form: { subject, orders: [] } };
  if (typeof order !== 'string' || !ordersShape.test(order))
    return wrong('"order" must be a text such as "A-17", or "A-17, B-2" for up to three orders');
  return { ok: true, form: { subject, orders: order.split(/, ?/) } };
}

function parse(text: string): { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly problem: string } {
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch (error: unknown) {
    return wrong(
      text.trim() === '' ? 'the body is empty' : `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
