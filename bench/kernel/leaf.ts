let calls = 0;

/** The work inside every operation that is measured: as little as can be awaited. It counts, so that nothing can optimise it away. */
export async function leaf(value: number): Promise<number> {
  calls += 1;
  return value;
}

/** The same as the body of an operation. */
export async function body(_scope: unknown, value: number): Promise<number> {
  calls += 1;
  return value;
}
