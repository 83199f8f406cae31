/** What the flags of single commands ask for. */
export interface CommandOptions {
  list: boolean;
  failFast: boolean;
  withGenerators: boolean;
  withChecks: boolean;
  document: string | undefined;
  variables: string[];
  variablesJson: string | undefined;
  /** Of a module or a toolchain; empty: its own. */
  name: string;
  blueprint: string;
  sdk: string;
  /** Folder for the code of a module. */
  source: string;
  /** Undefined: not said. */
  licence: string | undefined;
  include: string[];
  selfCalls: boolean;
  noSelfCalls: boolean;
  recursive: boolean;
  /** For which engine a module is: `latest`, `skip`, or a version. */
  compat: string;
  dryRun: boolean;
  /** What `store prune` leaves and `store pack` takes; empty: the limit, and 2 GiB. */
  keep: string;
  /** `trace --last`. */
  last: boolean;
  /** `trace --with`: the number of the run to compare with; empty: the one before. */
  with: string;
  /** Where `trace` writes the page to; empty: nowhere. */
  output: string;
}
