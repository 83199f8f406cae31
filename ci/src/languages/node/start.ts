import { hasFile, type Outline, pathIn } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
import { readProcfile } from "../procfile.ts";
import type { Manifest } from "./manifest.ts";

/** Scripts that start a service, the one meant for production in front. */
const STARTS = ["start:prod", "start:production", "start"];

/** What starts a package in production: a script, else `server.js`, as npm itself takes it. `main` tells of libraries too. */
export function findMains(outline: Outline, path: string, { scripts, path: from }: Manifest): Found<string>[] {
  const name = findStart(scripts);
  const script = name === undefined ? undefined : splitStart(scripts, name).start;
  if (script !== undefined) return [{ value: script, from: `${from} scripts.${name}` }];
  const { web } = readProcfile(outline, path);
  if (web !== undefined) return [{ value: expand(web.value, scripts, []).join(" && "), from: web.from }];
  const server = pathIn(path, "server.js");
  return hasFile(outline, server) ? [{ value: "node server.js", from: server }] : [];
}

/** What a start script compiles before it starts, where no script is called `build`: `tsc && node dist/main.js`. */
export function findBuildInStart({ scripts, path }: Manifest): Found<string> | undefined {
  const name = findStart(scripts);
  if (name === undefined || scripts["build"] !== undefined) return undefined;
  const { build } = splitStart(scripts, name);
  return build === undefined ? undefined : { value: build, from: `${path} scripts.${name}` };
}

type Scripts = Manifest["scripts"];

function findStart(scripts: Scripts): string | undefined {
  return STARTS.find((one) => scripts[one] !== undefined);
}

/** Scripts and programs that make what is started. */
const BUILDS = /^(?:pre)?(?:build|compile)(?::[\w-]+)?$/;
const COMPILES =
  /^(?:tsc|tsup|esbuild|rollup|webpack|swc|babel|nest build|next build|vite build|nuxt build|remix build)(?=\s|$)/;

/** A start script in two: what builds, which an image has behind it, and what starts. */
function splitStart(scripts: Scripts, name: string): { readonly build?: string; readonly start: string } {
  const script = scripts[name] ?? "";
  const parts = expand(script, scripts, [name]);
  const last = parts.length - 1;
  const isBuild = (part: string, at: number) => at < last && COMPILES.test(part);
  const start = parts.filter((part, at) => !isBuild(part, at)).join(" && ");
  const build = parts.filter(isBuild).join(" && ");
  return { start: start === "" ? script : start, ...(build === "" ? {} : { build }) };
}

/** What has to stand before a program: variables, and what sets them. */
const BEFORE = /^((?:(?:cross-env|env|\w+=\S*)\s+)*)(.*)$/s;
const RUN =
  /^(?:npm|pnpm|yarn|bun)\s+(?:(?:-s|--silent|--if-present)\s+)*(?:run|run-script)\s+(?:(?:-s|--silent|--if-present)\s+)*([\w:@./-]+)(?:\s+--(?=\s|$))?(.*)$/s;
const START = /^(?:npm|bun)\s+(start|test)(?:\s+--(?=\s|$))?(.*)$/s;
const EXEC = /^(?:npx|pnpx|bunx|npm exec|pnpm exec|pnpm dlx|yarn exec|yarn dlx)\s+(?:-\S+\s+)*(\S.*)$/s;
const SHORT = /^(?:pnpm|yarn)\s+([\w:@./-]+)(.*)$/s;

/** The parts of a script around `&&`. An image has no npm, pnpm or yarn: scripts that they would run stand in their place. */
function expand(script: string, scripts: Scripts, above: readonly string[]): string[] {
  return script.split("&&").flatMap((one) => {
    const [, before = "", rest = ""] = BEFORE.exec(one.trim()) ?? [];
    const exec = EXEC.exec(rest)?.[1];
    if (exec !== undefined) return [`${before}${exec}`];
    const [, name, more = ""] = RUN.exec(rest) ?? START.exec(rest) ?? SHORT.exec(rest) ?? [];
    if (name === undefined) return [one.trim()];
    if (BUILDS.test(name) && scripts[name] !== undefined) return [];
    const own = scripts[name];
    if (own !== undefined && !above.includes(name)) {
      const [first = "", ...others] = expand(`${own}${more}`, scripts, [...above, name]);
      return [`${before}${first}`, ...others];
    }
    return SHORT.test(rest) && own === undefined ? [`${before}${name}${more}`] : [one.trim()];
  });
}
