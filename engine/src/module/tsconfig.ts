/** What of a module's tsconfig.json changes how its code runs. */
export interface Tsconfig {
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
export function parseTsconfig(text: string): Tsconfig {
  const plain = text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_match, string: string | undefined) => string ?? "")
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_match, string: string | undefined) => string ?? "");
  try {
    const parsed = JSON.parse(plain) as Partial<Tsconfig>;
    return { compilerOptions: parsed.compilerOptions ?? {} };
  } catch {
    return { compilerOptions: {} };
  }
}
