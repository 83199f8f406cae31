import { typeName } from "../../api/names.ts";
import { ModuleProblem } from "../config.ts";
import type { ModuleDef } from "../definition.ts";
import { runtimeOf } from "../runtime-kind.ts";
import { gitattributesText, gitignoreText } from "./git-files.ts";
import { lockFileOf } from "./lock-file.ts";
import { packageJsonText, tsconfigText } from "./package-files.ts";
import { sdkFolder } from "./sdk-folder.ts";
import { templateText } from "./template.ts";

/** The package of a module before its files are made. */
export interface PackageFolder {
  /** The text of a file; undefined when there is none. */
  textOf(path: string): string | undefined;
  /** Whether there is a TypeScript file below `src`. */
  readonly hasSource: boolean;
}

/** For which module files are made. */
export interface GeneratedFor {
  readonly name: string;
  /** False when `codegen.automaticGitignore` of its dagger.json says so. */
  readonly ignoresSdk: boolean;
  /** Whose functions are fields of `dag`: dependencies and toolchains. */
  readonly dependencies: readonly ModuleDef[];
  /** From `buildBundles`. */
  readonly bundlesDir: string;
}

/**
 * The files that belong into the package of a TypeScript module: what it needs to run, and to be written in an editor. What is
 * there is kept and completed. Nothing is run, and nothing is asked of the network.
 *
 * @returns path in the package → text; a file that stays as it is may be among them
 * @throws ModuleProblem when it is written for Deno
 */
export function generateFiles(folder: PackageFolder, module: GeneratedFor): ReadonlyMap<string, string> {
  const { runtime, because } = runtimeOf((path) => folder.textOf(path));
  if (runtime === "deno") {
    throw new ModuleProblem(
      `the embedded engine makes no files for Deno, which ${because} asks for: with Dagger's own it is dagger develop`,
    );
  }
  const files = new Map<string, string>();
  const packageJson = packageJsonText(folder.textOf("package.json"));
  files.set("package.json", packageJson);
  files.set("tsconfig.json", tsconfigText(folder.textOf("tsconfig.json")));
  const lock = runtime === "bun" ? undefined : lockFileOf(packageJson, (path) => folder.textOf(path));
  if (lock !== undefined) files.set(lock.path, lock.text);
  for (const [path, text] of sdkFolder(module.bundlesDir, module.dependencies)) files.set(`sdk/${path}`, text);
  if (!folder.hasSource) files.set("src/index.ts", templateText(checkedName(module.name)));
  files.set(".gitattributes", gitattributesText(folder.textOf(".gitattributes")));
  if (module.ignoresSdk) files.set(".gitignore", gitignoreText(folder.textOf(".gitignore")));
  return files;
}

/** The name of a class comes from it. */
function checkedName(name: string): string {
  if (/^[A-Z][A-Za-z0-9]*$/.test(typeName(name))) return name;
  throw new ModuleProblem(
    `module name ${JSON.stringify(name)} cannot be the name of a class, which begins with a letter from a to z: give another one by --name`,
  );
}
