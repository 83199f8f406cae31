import type { Snapshot } from "../store/snapshot.ts";
import type { Lifetime } from "./cache-policy.ts";
import type { FunctionDef, ModuleDef } from "./definition.ts";
import type { ModuleSource } from "./source.ts";

/** A module whose types are known and whose functions can be run. */
export interface LoadedModule {
  readonly def: ModuleDef;
  /** Identity of the code with all that it runs on; part of the key of every result. */
  readonly digest: string;
  readonly moduleSource: ModuleSource;
  /** Absolute folder of the package in a function's container: `/src/ci`. */
  readonly packageDir: string;
  /** The files of the package alone, below `packageDir`. */
  readonly sourceSnapshot: Snapshot;
  /** Root of a function's container. */
  readonly root: Snapshot;
  /** In the order of dagger.json. */
  readonly dependencies: readonly LoadedModule[];
  /** How long a result of the function may be used again. */
  lifetimeOf(def: FunctionDef): Lifetime;
}
