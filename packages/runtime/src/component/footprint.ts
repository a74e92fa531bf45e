/** What is deployed together: which components, with which options, bound to which destinations. Plain data. */
export interface Footprint {
  /** Unique, the same for all revisions. */
  readonly identifier: string;
  /** Counts up. */
  readonly revision: number;
  readonly name?: string | undefined;
  readonly solution?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly locations?: readonly string[] | undefined;
  readonly allocations: readonly Allocation[];
}

/** One started component. */
export interface Allocation {
  readonly component: string;
  /** Tells several allocations of one component apart. Default: the name of the component. */
  readonly instance?: string | undefined;
  readonly options?: unknown;
  /** Destinations by the names of aspects and interests; a name that is not there is its own destination. */
  readonly bindings?: Readonly<Record<string, string>> | undefined;
}
