import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** The declarations of the SDK that are its library's and not its client's, in an order in which each knows the ones before it. */
const PARTS = [
  "common/errors/errors-codes",
  "common/errors/DaggerSDKError",
  "common/errors/UnknownDaggerError",
  "common/errors/DockerImageRefValidationError",
  "common/errors/EngineSessionConnectParamsParseError",
  "common/errors/ExecError",
  "common/errors/GraphQLRequestError",
  "common/errors/InitEngineSessionBinaryError",
  "common/errors/TooManyNestedObjectsError",
  "common/errors/EngineSessionErrorOptions",
  "common/errors/EngineSessionConnectionTimeoutError",
  "common/errors/NotAwaitedRequestError",
  "common/errors/FunctionNotFound",
  "common/errors/IntrospectionError",
  "common/graphql/connection",
  "common/graphql/compute_query",
  "common/context",
  "connectOpts",
  "module/registry",
  "module/decorators",
  "module/entrypoint/entrypoint",
  "telemetry/tracer",
  "telemetry/telemetry",
];

const CONNECT = `export type CallbackFct = (client: any) => Promise<void>;
export declare function connection(fct: () => Promise<void>, cfg?: ConnectOpts): Promise<void>;
export declare function connect(cb: CallbackFct, config?: ConnectOpts): Promise<void>;
`;

/**
 * The declarations of the library as one file, `core.d.ts`: what its parts import from each other is left out, what they
 * import from packages stands once at the top. A part of the engine's build.
 *
 * @param sdkDir folder of the SDK's compiled sources
 */
export function libraryDeclarations(sdkDir: string): string {
  const imports = new Set<string>();
  const parts = PARTS.map((part) => {
    const path = join(sdkDir, `${part}.d.ts`);
    const text = readFileSync(path, "utf8");
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    const kept = file.statements.filter((node) => {
      if (ts.isExportDeclaration(node)) return false;
      if (!ts.isImportDeclaration(node)) return true;
      const from = (node.moduleSpecifier as ts.StringLiteral).text;
      if (!from.startsWith(".")) imports.add(node.getText());
      return false;
    });
    return kept.map((node) => node.getFullText()).join("");
  });
  const body = parts
    .join("\n")
    .replaceAll(/import\("\.[^"]*"\)\./g, "")
    .replaceAll(/\n\/\/# sourceMappingURL=.*/g, "");
  return `${[...imports].join("\n")}\n${body}\n${CONNECT}`;
}
