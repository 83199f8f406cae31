/**
 * TypeScript's compiler as the introspector gets it in the snapshot. It keeps the files of the engine, parsed and bound, for the
 * programs that come after: they are most of what it reads, and the same for all modules. A language server shares its files in this way.
 */
import ts from "typescript";
import { ENGINE_DIR } from "../paths-inside.ts";

const kept = new Map<string, ts.SourceFile>();

/** The language's and the SDK's declarations. */
const isKept = (path: string): boolean =>
  path.startsWith(`${ENGINE_DIR}/scan/`) || path.startsWith(`${ENGINE_DIR}/types/`);

/** The introspector always gives the same options; they decide how a file is parsed. */
function createProgram(rootNames: readonly string[], options: ts.CompilerOptions): ts.Program {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (path, ...rest) => {
    const file = kept.get(path) ?? getSourceFile(path, ...rest);
    if (file !== undefined && isKept(path)) kept.set(path, file);
    return file;
  };
  return ts.createProgram(rootNames, options, host);
}

export default { ...ts, createProgram };
