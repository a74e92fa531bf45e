/** One thing that can be said on the command line, or by a variable of the environment. */
export interface Flag {
  /** Without dashes: `health`, `till.greeting`. */
  readonly name: string;
  /** `text`: the last value counts. `list`: names parted by commas. `lines`: values as they are, several; in a variable, one a line. `switch`: none, or `=false`. */
  readonly takes: 'text' | 'list' | 'lines' | 'switch';
  /** How help names the value: `host:port`. */
  readonly argument?: string | undefined;
  readonly description: string;
  /** The heading that it stands under in help. Default: that of all. */
  readonly group?: string | undefined;
  /** The variable that says the same. None: the name is taken by another flag. */
  readonly variable: string | undefined;
}

/** What was said by one flag, and where. */
export interface Said {
  readonly flag: Flag;
  /** `--health`, or `TRACEWRIGHT_HEALTH`. */
  readonly origin: string;
  readonly by: 'argument' | 'variable';
  /** At least one. A switch has `true` or `false`; of the lines of a variable, some may be empty. */
  readonly values: readonly string[];
}

/** Variables as a process has them; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that says what the flag `name` says: `TRACEWRIGHT_TILL_GREETING` of `till.greeting`. */
export function variableOf(name: string): string {
  return `TRACEWRIGHT_${name.replaceAll(/[.-]/g, '_').toUpperCase()}`;
}

/** What the environment says by variables of `flags`. One that is empty says nothing. */
export function saidByVariables(flags: readonly Flag[], env: Environment): readonly Said[] {
  return flags.flatMap((flag) => {
    const text = flag.variable === undefined ? undefined : env[flag.variable];
    if (flag.variable === undefined || text === undefined || text.trim() === '') return [];
    const values = flag.takes === 'lines' ? text.split('\n') : [text];
    return [{ flag, origin: flag.variable, by: 'variable' as const, values }];
  });
}
