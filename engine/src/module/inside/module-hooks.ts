import { existsSync, readFileSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { posix } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { LaunchPlan } from "../plan.ts";

/** Endings that a written one may stand for, and those that are tried when there is none: as tsx does. */
const STANDS_FOR: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx", ".js", ".jsx"],
  ".jsx": [".tsx", ".jsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};
const TRIED = [".ts", ".tsx", ".jsx", ".js", ".mts", ".mjs", ".json"];

/** Lets Node import the module's TypeScript at its real paths, from the JavaScript that was made of it before. */
export function serveTypeScript(plan: LaunchPlan): void {
  const packages = `${plan.sourceDir}/node_modules/`;
  const isOwn = (path: string): boolean => path.startsWith(`${plan.sourceDir}/`) && !path.startsWith(packages);

  registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL?.startsWith("file:") ? fileURLToPath(context.parentURL) : "";
      const entry = plan.scripts[specifier] !== undefined ? specifier : undefined;
      const found = entry ?? (isOwn(parent) ? findFile(specifier, parent, plan) : undefined);
      return found === undefined ? next(specifier, context) : { url: pathToFileURL(found).href, shortCircuit: true };
    },
    load(url, context, next) {
      const path = url.startsWith("file:") ? fileURLToPath(url) : "";
      const script = plan.scripts[path];
      if (script !== undefined) {
        if ("failure" in script) throw new TransformError(script.failure);
        const format = path.endsWith(".cts") ? "commonjs" : "module";
        return { format, source: script.code, shortCircuit: true };
      }
      // With `{ type: "json" }`, and by `require`, it is what Node itself makes of it.
      const isPlain = context.importAttributes !== undefined && context.importAttributes["type"] === undefined;
      if (path.endsWith(".json") && isOwn(path) && isPlain) {
        return { format: "module", source: jsonModule(readFileSync(path, "utf8")), shortCircuit: true };
      }
      return next(url, context);
    },
  });
}

/** Named like the error of the real runtime, since that name is part of what is printed. */
class TransformError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TransformError";
    // A line of a stack, or Node prints it as a value, in brackets.
    this.stack = `Error [TransformError]: ${message}\n    at the loader of the module`;
  }
}

/** JSON as a module: the value by default, and each name in it that can be one in a program. */
function jsonModule(text: string): string {
  const whole = `const all = ${text};\nexport default all;\n`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Node says where it is wrong.
    return whole;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return whole;
  const names = Object.keys(value).filter(
    (name) => name !== "default" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name),
  );
  return (
    whole +
    names.map((name, nth) => `const v${nth} = all[${JSON.stringify(name)}];\nexport { v${nth} as ${name} };\n`).join("")
  );
}

function findFile(specifier: string, parent: string, plan: LaunchPlan): string | undefined {
  const [path = "", ...query] = specifier.split(/(?=[?#])/);
  if (query.length > 0) return undefined;
  if (path.startsWith("file:")) return withEnding(fileURLToPath(path));
  if (path.startsWith("./") || path.startsWith("../") || path === "." || path === "..") {
    return withEnding(posix.resolve(posix.dirname(parent), path));
  }
  if (path.startsWith("/")) return withEnding(path);
  return findAlias(path, plan.aliases);
}

function withEnding(path: string): string | undefined {
  const ending = posix.extname(path);
  const stem = path.slice(0, path.length - ending.length);
  // TypeScript wins over a JavaScript file of the same name only where the written one is missing.
  if (isFile(path)) return path;
  const candidates = [
    ...(STANDS_FOR[ending] ?? []).map((other) => stem + other),
    ...TRIED.map((other) => path + other),
    ...TRIED.map((other) => posix.join(path, `index${other}`)),
  ];
  return candidates.find(isFile);
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function findAlias(specifier: string, aliases: LaunchPlan["aliases"]): string | undefined {
  for (const [pattern, targets] of Object.entries(aliases)) {
    const [before = "", after] = pattern.split("*");
    const fits =
      after === undefined
        ? specifier === pattern
        : specifier.startsWith(before) && specifier.endsWith(after) && specifier.length >= pattern.length - 1;
    if (!fits) continue;
    const middle = after === undefined ? "" : specifier.slice(before.length, specifier.length - after.length);
    for (const target of targets) {
      const found = withEnding(target.replace("*", middle));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
