import type { ModuleDef } from "./definition.ts";
import type { ScannedModule } from "./scanned.ts";

/** Everything that the launcher needs to run any function of one module. Written once per content of the module. */
export interface LaunchPlan {
  /** Absolute folder of the module's package inside the container, for instance `/src/ci`. */
  readonly sourceDir: string;
  /** Source files that are loaded before a call, absolute, in the order of the real runtime's listing. */
  readonly entryFiles: readonly string[];
  /** Absolute path of each TypeScript file → its JavaScript, or the reason why there is none. */
  readonly scripts: Readonly<Record<string, Script>>;
  /** `compilerOptions.paths` of the module's tsconfig.json without those of the SDK, targets absolute. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  readonly scanned: ScannedModule;
  /** Modules whose functions are fields of `dag`; the module itself among them where its dagger.json allows that. */
  readonly dependencies: readonly ModuleDef[];
}

export type Script = { readonly code: string } | { readonly failure: string };
