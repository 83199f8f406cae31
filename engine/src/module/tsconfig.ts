import { posix } from "node:path";

/** What of a module's tsconfig.json changes how its code runs. */
export interface Tsconfig {
  /** Those whose options it takes over, later ones before earlier ones. */
  readonly extends?: string | readonly string[];
  readonly compilerOptions: {
    readonly experimentalDecorators?: boolean;
    readonly useDefineForClassFields?: boolean;
    readonly target?: string;
    readonly verbatimModuleSyntax?: boolean;
    readonly jsx?: string;
    readonly jsxFactory?: string;
    readonly jsxFragmentFactory?: string;
    readonly jsxImportSource?: string;
    readonly alwaysStrict?: boolean;
    readonly strict?: boolean;
    readonly baseUrl?: string;
    readonly paths?: Readonly<Record<string, readonly string[]>>;
  };
}

/**
 * Reads JSON with comments and trailing commas, as tsconfig files are written. A text that is not JSON even so counts as
 * an empty file: the real runtime gives such a file to its loader, which then uses defaults.
 */
function parseTsconfig(text: string): Tsconfig {
  const plain = text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_match, string: string | undefined) => string ?? "")
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_match, string: string | undefined) => string ?? "");
  try {
    const parsed = JSON.parse(plain) as Partial<Tsconfig>;
    const { extends: bases, compilerOptions = {} } = parsed;
    return { ...(bases === undefined ? {} : { extends: bases }), compilerOptions };
  } catch {
    return { compilerOptions: {} };
  }
}

/**
 * tsconfig.json of a module as the real runtime changes it: decorators are always those that TypeScript calls experimental, and its
 * own `paths`, among them the SDK's, take the place of those that it would take over.
 *
 * @param files of the package
 * @throws MissingBase
 */
export function readModuleTsconfig(files: PackageFiles): Tsconfig {
  const { compilerOptions = {} } = readTsconfig("tsconfig.json", files, []) ?? {};
  return { compilerOptions: { ...compilerOptions, experimentalDecorators: true } };
}

/** What can be read of a module's package. */
export interface PackageFiles {
  /** The text of a file; undefined when there is none. */
  readonly textOf: (path: string) => string | undefined;
  /** Whether a package of that name is installed beside it. What such a base says is not read. */
  readonly isInstalled: (name: string) => boolean;
}

/** A tsconfig file takes over options of one that is not there. The real runtime's loader begins with the same words. */
class MissingBase extends Error {
  constructor(base: string, path: string) {
    super(
      `File '${base}' not found.\n${path} of the module extends it, and a function sees only the folder of its package\n  to do: write its options into ${path}, or move it into that folder`,
    );
  }
}

/**
 * A tsconfig file with all that it takes over from files of the package, but for their `paths`.
 *
 * @param path of the file in the package
 * @returns `paths` and `baseUrl` relative to the package; undefined when there is no such file
 * @throws MissingBase
 */
function readTsconfig(path: string, files: PackageFiles, above: readonly string[]): Tsconfig | undefined {
  const { textOf, isInstalled } = files;
  const text = above.includes(path) ? undefined : textOf(path);
  if (text === undefined) return undefined;
  const { extends: bases = [], compilerOptions } = parseTsconfig(text);
  const folder = posix.dirname(path);
  const inherited = [bases].flat().map((base) => {
    const place = posix.join(folder, base);
    const found = [place, `${place}.json`, posix.join(place, "tsconfig.json")].find((one) => textOf(one) !== undefined);
    if (base.startsWith(".") && found !== undefined)
      return readTsconfig(found, files, [...above, path])?.compilerOptions ?? {};
    const packageName = base
      .split("/")
      .slice(0, base.startsWith("@") ? 2 : 1)
      .join("/");
    if (!isInstalled(packageName)) throw new MissingBase(base, path);
    return {};
  });
  const { baseUrl, paths, ...own } = compilerOptions;
  const { paths: _, ...from } = Object.assign({}, ...inherited) as Tsconfig["compilerOptions"];
  const base = baseUrl === undefined ? from.baseUrl : posix.join(folder, baseUrl);
  const lead = (targets: readonly string[]) => targets.map((target) => posix.join(base ?? folder, target));
  const led = paths && Object.fromEntries(Object.entries(paths).map(([name, targets]) => [name, lead(targets)]));
  return {
    compilerOptions: {
      ...from,
      ...own,
      ...(base === undefined ? {} : { baseUrl: base }),
      ...(led === undefined ? {} : { paths: led }),
    },
  };
}
