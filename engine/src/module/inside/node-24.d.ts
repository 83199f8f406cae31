/** What the Node of the function containers has beyond the Node that the rest is written for. */
import "node:module";

declare module "node:module" {
  export function enableCompileCache(options: { directory: string; portable: boolean }): unknown;
  /** Since Node 22.8. */
  export function enableCompileCache(directory: string): unknown;

  interface HookContext {
    readonly parentURL?: string;
    /** None for what `require` loads. */
    readonly importAttributes?: Readonly<Record<string, string>>;
  }
  interface Resolved {
    readonly url: string;
    readonly format?: string;
    readonly shortCircuit?: boolean;
  }
  interface Loaded {
    readonly format: string;
    readonly source: string;
    readonly shortCircuit?: boolean;
  }
  /** Node 24, module.registerHooks: synchronous, in the thread that imports. */
  export function registerHooks(hooks: {
    resolve(
      specifier: string,
      context: HookContext,
      next: (specifier: string, context: HookContext) => Resolved,
    ): Resolved;
    load(url: string, context: HookContext, next: (url: string, context: HookContext) => Loaded): Loaded;
  }): void;
}
