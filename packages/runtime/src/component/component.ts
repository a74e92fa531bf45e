import type { StandardSchemaV1 } from '@standard-schema/spec';
import { requireFunction, requireKnownKeys, requirePlainObject, requireText } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { type CheckedContract, type Contracts, type NoContracts, requireContracts, requireSchema } from './contract.ts';
import type { Link } from './link.ts';

/** What a component's `bootstrap` gets as its options: the output of its schema, or nothing. */
export type OptionsOf<Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : undefined;

export interface ComponentDefinition<
  Aspects extends Contracts = Contracts,
  Interests extends Contracts = Contracts,
  Options extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
> {
  /** An identifier: letters, digits, `_` and `-`, a letter first. */
  readonly name: string;
  /** For people: what it does, the first line as a title. */
  readonly doc?: string | undefined;
  /** Without a schema, the component takes no options. */
  readonly options?: Options;
  /** What it publishes, by name. */
  readonly aspects?: Aspects;
  /** What it subscribes to, by name. */
  readonly interests?: Interests;
  /**
   * Starts the component: it subscribes, forks what lives long, registers cleanups, and returns. The component is ready when that has settled well, and all that
   * it has subscribed to is open. What it throws fails this component and no other.
   */
  bootstrap(lifecycle: Lifecycle, link: Link<Aspects, Interests>, options: OptionsOf<Options>): unknown;
}

/** A component: checked, frozen, and not started yet. It may be started many times, with other options and bindings. */
export interface Component {
  readonly name: string;
  readonly doc: string | undefined;
  readonly aspects: readonly string[];
  readonly interests: readonly string[];
}

/** What a component is made of, for those who start it. */
export interface CheckedComponent {
  readonly name: string;
  readonly options: StandardSchemaV1 | undefined;
  readonly aspects: ReadonlyMap<string, CheckedContract>;
  readonly interests: ReadonlyMap<string, CheckedContract>;
  bootstrap(lifecycle: Lifecycle, link: unknown, options: unknown): unknown;
}

const checkedComponents = new WeakMap<object, CheckedComponent>();

const nameShape = /^[A-Za-z][\w-]{0,99}$/;

/**
 * Defines a component: what it is called, what it publishes and subscribes to, which options it takes, and how it starts. Starts nothing.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong member
 * @example
 * const pong = defineComponent({
 *   name: 'pong',
 *   interests: { ping: z.object({ n: z.number() }) },
 *   aspects: { pong: z.object({ n: z.number() }) },
 *   bootstrap(_lifecycle, link) {
 *     link.subscribe('ping', ({ payload }) => link.publish('pong', payload));
 *   },
 * });
 */
export function defineComponent<
  const Aspects extends Contracts = NoContracts,
  const Interests extends Contracts = NoContracts,
  Options extends StandardSchemaV1 | undefined = undefined,
>(definition: ComponentDefinition<Aspects, Interests, Options>): Component {
  requireKnownKeys('component', requirePlainObject('component', definition), [
    'name',
    'doc',
    'options',
    'aspects',
    'interests',
    'bootstrap',
  ]);
  const { name, doc, options, aspects, interests, bootstrap } = definition;
  if (typeof name !== 'string' || !nameShape.test(name))
    throw badOption('component.name', 'letters, digits, _ and -, a letter first', name);
  if (doc !== undefined) requireText('component.doc', doc);
  requireFunction('component.bootstrap', bootstrap);
  const checked: CheckedComponent = {
    name,
    options: options === undefined ? undefined : requireSchema('component.options', options),
    aspects: requireContracts('component.aspects', aspects),
    interests: requireContracts('component.interests', interests),
    // The link that it is started with is made of these contracts, and the options have passed the schema.
    bootstrap: (lifecycle, link, given) => bootstrap(lifecycle, link as Link<Aspects, Interests>, given as OptionsOf<Options>),
  };
  const component: Component = Object.freeze({
    name,
    doc,
    aspects: Object.freeze([...checked.aspects.keys()]),
    interests: Object.freeze([...checked.interests.keys()]),
  });
  checkedComponents.set(component, checked);
  return component;
}

/** @throws {TracewrightError} `TW_BAD_OPTION` for what `defineComponent` has not made */
export function requireComponent(option: string, given: unknown): CheckedComponent {
  const checked = typeof given === 'object' && given !== null ? checkedComponents.get(given) : undefined;
  if (checked === undefined) throw badOption(option, 'a component made by defineComponent()', given);
  return checked;
}

/**
 * Components by their names.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for what is no list of components, or has two of the same name
 */
export function requireComponents(option: string, given: unknown): ReadonlyMap<string, CheckedComponent> {
  if (!Array.isArray(given)) throw badOption(option, 'an array of components', given);
  const checked = given.map((component, index) => requireComponent(`${option}[${index}]`, component));
  const known = new Map(checked.map((component) => [component.name, component]));
  if (known.size < checked.length) {
    const names = checked.map(({ name }) => name);
    throw badOption(option, 'without two of the same name', names);
  }
  return known;
}
