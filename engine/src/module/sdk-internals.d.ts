/** The inner modules of @dagger.io/dagger that are bundled, as far as they are used here. `bundles.ts` resolves the names. */

declare module "dagger-sdk/module/introspector/index.js" {
  /** Reads the source files; with `loadModule` false it runs none of them. */
  export function scan(files: string[], moduleName: string, loadModule: boolean): Promise<unknown>;
}

declare module "dagger-sdk/module/introspector/typescript_module/ast.js" {
  /** A declaration, and the file that it stands in. */
  export interface Declared {
    readonly node: { readonly name?: { getText(): string } };
    readonly file: { readonly fileName: string };
  }
  /** End of the name of the file with the SDK's client. */
  export const CLIENT_GEN_FILE: string;
  export class AST {
    findAllDeclarations(kind: number): Declared[];
    findResolvedNodeByName(name: string, kind: number): Declared | undefined;
    isNodeDecoratedWith(node: Declared["node"], decorator: string): boolean;
  }
}

declare module "dagger-sdk/module/introspector/dagger_module/index.js" {
  export class DaggerModule {}
  export class DaggerObject {}
  export class DaggerTypeObject {}
  export class DaggerEnum {}
  export class DaggerEnumClass {}
  export class DaggerInterface {}
}

declare module "dagger-sdk/module/introspector/dagger_module/function.js" {
  export class DaggerFunction {}
}

declare module "dagger-sdk/module/introspector/dagger_module/constructor.js" {
  export class DaggerConstructor {}
}

declare module "dagger-sdk/module/executor.js" {
  export class Executor {
    constructor(modules: unknown[], scanned: unknown);
  }
}

declare module "dagger-sdk/module/entrypoint/invoke.js" {
  export function invoke(
    executor: unknown,
    scanned: unknown,
    call: { parentName: string; fnName: string; parentArgs: unknown; fnArgs: Record<string, unknown> },
  ): Promise<unknown>;
}

declare module "dagger-sdk/module/entrypoint/entrypoint.js" {
  import type { Error as ApiError } from "@dagger.io/dagger";
  export function entrypoint(files: string[]): Promise<void>;
  /** Made visible by `bundles.ts`. */
  export function formatError(error: unknown): ApiError;
}

declare module "dagger-sdk/module/decorators.js" {
  type Decorator = (...args: unknown[]) => (...args: unknown[]) => unknown;
  export const argument: Decorator;
  export const check: Decorator;
  export const enumType: Decorator;
  export const field: Decorator;
  export const func: Decorator;
  export const generate: Decorator;
  export const object: Decorator;
}

declare module "dagger-sdk/common/context.js" {
  export class Context {
    constructor(queryTree: unknown[], connection: unknown);
    select(field: string, args?: Record<string, unknown>): Context;
    selectNode(id: string, type: string): Context;
    execute(): Promise<unknown>;
    getGQLClient(): unknown;
  }
}

declare module "dagger-sdk/common/errors/index.js" {
  export class ExecError extends Error {
    readonly extensions?: Record<string, unknown>;
  }
  export class GraphQLRequestError extends Error {
    readonly extensions?: Record<string, unknown>;
  }
}

declare module "dagger-sdk/telemetry/telemetry.js" {
  export function close(): Promise<void>;
}

declare module "dagger-sdk/connect.js" {
  export function connect(run: (client: unknown) => Promise<void>, options?: unknown): Promise<void>;
  export function connection(run: () => Promise<void>, options?: unknown): Promise<void>;
}

declare module "dagger-sdk/api/client.gen.js" {
  export { BaseClient, Client, dag } from "@dagger.io/dagger";
}

declare module "dagger-sdk/telemetry/index.js" {}
