import { posix } from "node:path";
import type { TransformOptions } from "esbuild";
import type { Script } from "./plan.ts";
import { type ModuleSource, sourceText } from "./source.ts";
import { readModuleTsconfig, type Tsconfig } from "./tsconfig.ts";

/** Files that are TypeScript to the runtime; the first two are also loaded before every call. */
const LOADED = [".ts", ".mts"];
const TRANSFORMED = [...LOADED, ".cts", ".tsx"];

/** The scripts of a module's package, as the launcher wants them. */
export interface Scripts {
  readonly scripts: Readonly<Record<string, Script>>;
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

/**
 * The files that are loaded before every call, absolute.
 *
 * @param packageDir absolute folder of the package in the container
 */
export function entryFilesOf({ files }: ModuleSource, packageDir: string): readonly string[] {
  const entries = files.filter(({ path }) => path.startsWith("src/") && LOADED.includes(posix.extname(path)));
  return entries.map(({ path }) => posix.join(packageDir, path));
}

/**
 * Makes JavaScript of each TypeScript file, one by one and without looking at types, as the real runtime's loader does.
 * A file that cannot be read as TypeScript is no error yet: it is one when something runs it.
 *
 * @param packageDir absolute folder of the package in the container
 */
export async function transformSource(source: ModuleSource, packageDir: string): Promise<Scripts> {
  const paths = source.files.map((file) => file.path).filter((path) => TRANSFORMED.includes(posix.extname(path)));
  const tsconfig = tsconfigOf(source);
  if ("failure" in tsconfig)
    return { scripts: Object.fromEntries(paths.map((path) => [posix.join(packageDir, path), tsconfig])), aliases: {} };
  const scripts = await Promise.all(
    paths.map(async (path): Promise<readonly [string, Script]> => {
      const place = posix.join(packageDir, path);
      return [place, await transformFile(sourceText(source, path) ?? "", place, tsconfig)];
    }),
  );
  return {
    scripts: Object.fromEntries(scripts),
    aliases: aliasesOf(tsconfig, packageDir),
  };
}

/** What cannot be read of it is no error before something runs. */
function tsconfigOf(source: ModuleSource): Tsconfig | { readonly failure: string } {
  const textOf = (path: string) => sourceText(source, path);
  const { dependencies = {} } = JSON.parse(textOf("package.json") ?? "{}") as { readonly dependencies?: object };
  try {
    return readModuleTsconfig({ textOf, isInstalled: (name) => name in dependencies });
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

async function transformFile(code: string, place: string, tsconfig: Tsconfig): Promise<Script> {
  const { transform } = await import("esbuild");
  const { paths: _paths, baseUrl: _baseUrl, ...compilerOptions } = tsconfig.compilerOptions;
  const options: TransformOptions = {
    loader: place.endsWith(".tsx") ? "tsx" : "ts",
    format: place.endsWith(".cts") ? "cjs" : "esm",
    target: "node24",
    sourcefile: place,
    sourcemap: "inline",
    sourcesContent: false,
    keepNames: true,
    logLevel: "silent",
    tsconfigRaw: JSON.stringify({ compilerOptions }),
  };
  try {
    return { code: (await transform(code, options)).code };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

/** The SDK's own names are left out: its package is found without them. */
function aliasesOf({ compilerOptions }: Tsconfig, packageDir: string): Record<string, readonly string[]> {
  const { paths = {}, baseUrl } = compilerOptions;
  // What no pattern leads to may still lie there.
  const all = [
    ...Object.entries(paths),
    ...(baseUrl === undefined ? [] : [["*", [posix.join(baseUrl, "*")]] as const]),
  ];
  return Object.fromEntries(
    all
      .filter(([pattern]) => !pattern.startsWith("@dagger.io/dagger"))
      .map(([pattern, targets]) => [pattern, targets.map((target) => posix.resolve(packageDir, target))]),
  );
}
