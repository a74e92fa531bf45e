import { badSecretOption } from '../../kernel/errors.ts';
import { type Component, requireComponent } from '../component.ts';
import { type Flag, variableOf } from './flag.ts';
import { type OptionShape, optionsIn } from './option-schema.ts';
import { plainValueOf, yamlOf } from './plain-value.ts';

/** The flag of one option of one component. */
export interface ComponentFlag extends Flag {
  readonly component: string;
  readonly shape: OptionShape;
}

/**
 * A flag for each option of each component whose schema can be shown as JSON Schema, as `--till.greeting`.
 *
 * @param taken flags that there are: a variable that two would be read from is given to neither, and one of `taken` stays with it
 */
export function componentFlags(components: readonly Component[], taken: readonly Flag[]): readonly ComponentFlag[] {
  const flags = components.flatMap(flagsOf);
  const count = new Map<string, number>();
  for (const { name } of flags) count.set(variableOf(name), (count.get(variableOf(name)) ?? 0) + 1);
  // Those of the transport's credentials are no flags.
  const isFree = (variable: string): boolean =>
    count.get(variable) === 1 && !variable.startsWith('TRACEWRIGHT_TRANSPORT_') && !taken.some((flag) => flag.variable === variable);
  return flags.map((flag) => (isFree(variableOf(flag.name)) ? flag : { ...flag, variable: undefined }));
}

/** What can stand in a flag: others are set by `--set`. */
const flagName = /^[\w][\w.-]*$/;

function flagsOf(component: Component, index: number): readonly ComponentFlag[] {
  const { name, doc } = component;
  const { options } = requireComponent(`components[${index}]`, component);
  if (options === undefined) return [];
  const title = doc?.split('\n', 1)[0];
  return optionsIn(options)
    .filter((shape) => flagName.test(shape.name))
    .map((shape) => ({
      name: `${name}.${shape.name}`,
      takes: shape.type === 'boolean' && !shape.isNullable ? 'switch' : 'text',
      argument: argumentOf(shape),
      description: descriptionOf(shape),
      group: title === undefined ? `${name}:` : `${name}: ${title}`,
      variable: variableOf(`${name}.${shape.name}`),
      component: name,
      shape,
    }));
}

function argumentOf({ type, choices, isNullable }: OptionShape): string {
  const name = choices?.join('|') ?? { array: 'list', any: 'value' }[type as string] ?? type;
  return isNullable ? `${name}|null` : name;
}

function descriptionOf({ description, default: byDefault, isRequired }: OptionShape): string {
  const notes = [...(isRequired ? ['required'] : []), ...(byDefault === undefined ? [] : [`default: ${byDefault}`])];
  return [description ?? '', ...(notes.length === 0 ? [] : [`(${notes.join(', ')})`])].join(' ').trim();
}

/**
 * The value of an option from what was typed: text as it is, numbers and booleans as their types, lists and objects as YAML. The schema judges it later.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`, without the value: it may be a secret
 */
export function optionValueOf({ shape }: ComponentFlag, origin: string, text: string): unknown {
  const { type, isNullable, choices } = shape;
  if (isNullable && text === 'null') return null;
  if (choices !== undefined && !choices.includes(text)) throw badSecretOption(origin, choices.join(' or '), text);
  if (type === 'string') return text;
  if (type === 'any') return text === '' ? '' : plainValueOf(origin, text);
  // As switches of a run are.
  if (type === 'boolean' && ['1', '0'].includes(text.trim())) return text.trim() === '1';
  const value = type === 'array' || type === 'object' ? yamlOf(origin, text) : plainValueOf(origin, text);
  if (!isOfType(type, value)) throw badSecretOption(origin, expectations[type], text);
  return value;
}

const expectations = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list as in YAML: [a, b]',
  object: 'an object as in YAML: { a: 1 }',
} as const;

function isOfType(type: keyof typeof expectations, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
