import { ModuleProblem } from "./config.ts";

/** What a module says about the program that it is written for. */
export interface RuntimeKind {
  readonly runtime: "node" | "bun" | "deno";
  /** Who says so: a field or a file. */
  readonly because: string;
}

const BUN_LOCKS = ["bun.lockb", "bun.lock"];
const NODE_LOCKS = ["package-lock.json", "yarn.lock", "pnpm-lock.yaml"];
const DENO_FILES = ["deno.json", "deno.lock"];

/**
 * The runtime of a module, as the SDK finds it: `dagger.runtime` of package.json, else by lock files, else Node.
 *
 * @param textOf the text of a file of the package; undefined when there is none
 * @throws ModuleProblem for one that there is not
 */
export function runtimeOf(textOf: (path: string) => string | undefined): RuntimeKind {
  const [named = ""] = (namedRuntime(textOf("package.json")) ?? "").split("@");
  if (named === "bun" || named === "node") return { runtime: named, because: "dagger.runtime of package.json" };
  if (named !== "")
    throw new ModuleProblem(`failed to detect module runtime: unsupported runtime ${JSON.stringify(named)}`);
  const first = (names: readonly string[]) => names.find((name) => textOf(name) !== undefined);
  const bun = first(BUN_LOCKS);
  if (bun !== undefined) return { runtime: "bun", because: bun };
  const node = first(NODE_LOCKS);
  if (node !== undefined) return { runtime: "node", because: node };
  const deno = first(DENO_FILES);
  if (deno !== undefined) return { runtime: "deno", because: deno };
  return { runtime: "node", because: "nothing else is asked for" };
}

function namedRuntime(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const { dagger } = JSON.parse(text) as { readonly dagger?: { readonly runtime?: unknown } };
    return typeof dagger?.runtime === "string" ? dagger.runtime : undefined;
  } catch {
    // Whoever needs the rest of it says what is wrong.
    return undefined;
  }
}
