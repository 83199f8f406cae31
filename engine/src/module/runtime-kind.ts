import { ModuleProblem } from "./config.ts";
import { RUNTIME_NODE_VERSION } from "./runtime-files.ts";

/** What a module says about the program that it is written for. */
export interface RuntimeKind {
  readonly runtime: "node" | "bun" | "deno";
  /** Who says so: a field or a file. */
  readonly because: string;
  /** As `dagger.runtime` has it, with all its digits or not: `20`. */
  readonly version?: string;
  /** An image to run in, whatever the version. */
  readonly baseImage?: string;
}

/** Reads a file of a package; undefined when there is none. */
type TextOf = (path: string) => string | undefined;

const BUN_LOCKS = ["bun.lockb", "bun.lock"];
const NODE_LOCKS = ["package-lock.json", "yarn.lock", "pnpm-lock.yaml"];
const DENO_FILES = ["deno.json", "deno.lock"];

/**
 * The runtime of a module, as the SDK finds it: `dagger.runtime` of package.json, else by lock files, else Node.
 *
 * @param textOf the text of a file of the package; undefined when there is none
 * @throws ModuleProblem for one that there is not
 */
export function runtimeOf(textOf: TextOf): RuntimeKind {
  const { runtime = "", baseImage } = settingsIn(textOf("package.json"));
  const image = baseImage === undefined ? {} : { baseImage };
  return { ...detected(runtime, textOf), ...image };
}

function detected(setting: string, textOf: TextOf): RuntimeKind {
  const [named = "", version = ""] = setting.split("@");
  if (named === "bun" || named === "node")
    return { runtime: named, because: "dagger.runtime of package.json", ...(version === "" ? {} : { version }) };
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

function settingsIn(text: string | undefined): { readonly runtime?: string; readonly baseImage?: string } {
  if (text === undefined) return {};
  try {
    const { dagger } = JSON.parse(text) as { readonly dagger?: Readonly<Record<string, unknown>> };
    const named = (key: string) =>
      typeof dagger?.[key] === "string" && dagger[key] !== "" ? { [key]: dagger[key] } : {};
    return { ...named("runtime"), ...named("baseImage") };
  } catch {
    // Whoever needs the rest of it says what is wrong.
    return {};
  }
}

/**
 * Tells what a module asks for that it does not get here. Code for Bun mostly runs on Node as well, code for Deno does not.
 *
 * @throws ModuleProblem for Deno, and for a runtime that there is not
 */
export function checkRuntime(moduleName: string, textOf: TextOf, tell: (line: string) => void): void {
  const { runtime, because, version, baseImage } = runtimeOf(textOf);
  if (runtime === "deno") {
    throw new ModuleProblem(
      `module "${moduleName}" is written for Deno (${because}), and the embedded engine runs modules on Node only: say dagger instead of slipway to use Dagger's own`,
    );
  }
  const node = RUNTIME_NODE_VERSION;
  if (baseImage !== undefined)
    tell(
      `module ${moduleName} asks for the image ${baseImage} (dagger.baseImage of package.json): the embedded engine runs it on its own Node ${node}, without that image`,
    );
  else if (runtime === "bun")
    tell(`module ${moduleName} is written for Bun (${because}): the embedded engine runs it on Node`);
  else if (version !== undefined && !`${node}.`.startsWith(`${version}.`))
    tell(`module ${moduleName} asks for Node ${version} (${because}): the embedded engine runs it on Node ${node}`);
}
