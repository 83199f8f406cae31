/** One planted fault: the text that is replaced has to be in the file exactly once. */
export interface Fault {
  readonly file: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Why no test can notice it: something else stands in for what it takes away. */
  readonly harmless?: string;
}

/** Faults of one file of ci/src/rollout. */
export function inFile(
  file: string,
  faults: readonly (readonly [name: string, from: string, to: string, harmless?: string])[],
): Fault[] {
  return faults.map(([name, from, to, harmless]) => ({
    file,
    name,
    from,
    to,
    ...(harmless === undefined ? {} : { harmless }),
  }));
}
