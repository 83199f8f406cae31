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
 * A tsconfig file with all that it takes over from files of the package; a base that lies elsewhere adds nothing.
 *
 * @param path of the file in the package
 * @param textOf the text of a file of the package; undefined when there is none
 * @returns `paths` and `baseUrl` relative to the package; undefined when there is no such file
 */
export function readTsconfig(
  path: string,
  textOf: (path: string) => string | undefined,
  above: readonly string[] = [],
): Tsconfig | undefined {
  const text = above.includes(path) ? undefined : textOf(path);
  if (text === undefined) return undefined;
  const { extends: bases = [], compilerOptions } = parseTsconfig(text);
  const folder = posix.dirname(path);
  const inherited = [bases].flat().map((base) => {
    const place = posix.join(folder, base);
    const found = [place, `${place}.json`, posix.join(place, "tsconfig.json")].find((one) => textOf(one) !== undefined);
    const isFile = base.startsWith(".") && found !== undefined;
    return isFile ? (readTsconfig(found, textOf, [...above, path])?.compilerOptions ?? {}) : {};
  });
  const { baseUrl, paths, ...own } = compilerOptions;
  const from = Object.assign({}, ...inherited) as Tsconfig["compilerOptions"];
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
