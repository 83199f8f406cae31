import { kebabName } from "../../api/names.ts";
import type { ModuleSource } from "../../module/source.ts";

/**
 * The functions that a module's main class seems to have, by a look at its text: for a module that nothing has loaded yet as
 * it is now. To know its types it would have to be read in a container, which completion does not start.
 */
export function functionsInText({ config, files }: Pick<ModuleSource, "config" | "files">): readonly string[] {
  const main = kebabName(config.name);
  for (const file of files) {
    if (!("content" in file) || !/\.tsx?$/.test(file.path)) continue;
    const text = file.content.toString("utf8");
    for (const { 1: name = "", index } of text.matchAll(/^[ \t]*export\s+(?:default\s+)?class\s+(\w+)/gm)) {
      if (kebabName(name) === main) return methodsIn(bodyFrom(text.slice(index)));
    }
  }
  return [];
}

/** Up to the line that closes the class. */
function bodyFrom(text: string): string {
  const end = text.search(/^\}/m);
  return end < 0 ? text : text.slice(0, end);
}

/** Names behind `@func(…)`, other decorators, comments and modifiers. */
function methodsIn(body: string): readonly string[] {
  const method =
    /@func\s*\((?:[^()]|\([^()]*\))*\)\s*(?:@\w+\s*\((?:[^()]|\([^()]*\))*\)\s*|\/\*[\s\S]*?\*\/\s*|\/\/[^\n]*\n\s*|(?:public|private|protected|readonly|static|async)\s+)*(\w+)/g;
  return [...body.matchAll(method)].map((match) => kebabName(match[1] ?? "")).sort();
}
