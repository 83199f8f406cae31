import { dirname } from "node:path/posix";
import { isThere, listFolder, type Outline, pathIn } from "../../repository/outline.ts";
import type { Command, Found, Project, Step } from "../language.ts";
import { findLinters } from "./linters.ts";
import type { Manager } from "./manager.ts";
import { dependsOn, type Manifest } from "./manifest.ts";
import { findBuildInStart } from "./start.ts";

/** Names of scripts, as projects call them; of each list the first one that is there is run. One that only looks goes first. */
const LINT = ["lint:check", "lint-check", "check:lint", "lint:ci", "ci:lint", "lint"];
const FORMAT = ["format:check", "check:format", "fmt:check", "prettier:check", "format", "fmt", "prettier"];
const TYPES = ["typecheck", "type-check", "check-types", "check:types", "types", "tsc"];
const UNIT = ["test:unit", "unit", "test:ci", "ci:test", "test"];
const INTEGRATION = ["test:integration", "integration", "test:int", "integration-test"];

const BUILD = ["build", "compile"];

/** What `npm init` writes. */
const NO_TEST = /no test specified/;

/** Scripts that would never end, or that change files where a check only looks. */
const WATCHES = /(?:^|\s)--watch(?:All)?(?!=false)(?=\s|=|$)|\b(?:nodemon|tsx watch)\b/;
const LOOKS = /--check\b|--list-different\b|\s-[cl]\b|\bbiome (?:check|ci|format)(?!.*--write)|\bdprint check\b/;
const FORMATS = /^(?:format|fmt|prettier)$/;

/** The commands of a package: its scripts, and where it has none for lint or tests, the tools that it is configured for. */
export function listCommands(
  outline: Outline,
  path: string,
  manifest: Manifest,
  manager: Manager,
): Project["commands"] {
  const script = (names: readonly string[]) => findScript(manifest, manager, names);
  const lint = [...script(LINT), ...script(FORMAT), ...script(TYPES)];
  const tools = listFolder(outline, path);
  const has = (pattern: RegExp) => tools.some((name) => pattern.test(name));
  const tool = (name: string, words: Command, file: RegExp) => {
    const configured = tools.find((one) => file.test(one));
    if (configured === undefined || !dependsOn(manifest, name)) return [];
    return [{ value: [...runner(manager), ...words], from: pathIn(path, configured) }];
  };
  const linters = () => [
    ...findLinters(outline, path, manifest).map(({ value, from }) => ({ value: [...runner(manager), ...value], from })),
    ...checkTypes(manifest, manager),
  ];
  const runners = () => [
    ...tool("vitest", ["vitest", "run"], /^(vitest|vite)\.config\.[cm]?[jt]s$/),
    ...tool("jest", ["jest"], manifest.jest === undefined ? /^jest\.config\.([cm]?[jt]s|json)$/ : /^package\.json$/),
  ];
  const unit = script(UNIT);
  const built = script(BUILD);
  return dropEmpty({
    lint: lint.length > 0 ? lint : linters(),
    unit: unit.length > 0 || has(/^karma\.conf/) ? unit : runners(),
    integration: script(INTEGRATION),
    build: built.length > 0 ? built : buildInStart(manifest),
  });
}

function findScript(manifest: Manifest, manager: Manager, names: readonly string[]): Found<Command>[] {
  const name = names.find((one) => {
    const script = manifest.scripts[one];
    if (script === undefined || NO_TEST.test(script) || WATCHES.test(script)) return false;
    return !FORMATS.test(one) || (LOOKS.test(script) && !/--write\b/.test(script));
  });
  return name === undefined ? [] : [runScript(manifest, manager, name)];
}

/** A script by the manager that installs. Not silent: what npm says of a failure is part of the reason. */
function runScript({ path }: Manifest, { name }: Manager, script: string): Found<Command> {
  return { value: [name, "run", script], from: `${path} scripts.${script}` };
}

function runner({ name }: Manager): Command {
  return { npm: ["npx", "--no", "--"], pnpm: ["pnpm", "exec"], yarn: ["yarn", "run"] }[name];
}

/** Types are checked as the build checks them, when the build begins with the compiler; then they pass in a sound project. */
function checkTypes(manifest: Manifest, manager: Manager): Found<Command>[] {
  const match = /^tsc((?:\s+(?:-p|--project)\s+[\w./-]+)?)\s*(?:&&|$)/.exec(manifest.scripts["build"] ?? "");
  if (match === null) return [];
  const words = ["tsc", ...(match[1] ?? "").split(/\s+/).filter((word) => word !== ""), "--noEmit"];
  return [{ value: [...runner(manager), ...words], from: `${manifest.path} scripts.build` }];
}

/** What a start script compiles first; an image starts what was compiled. */
function buildInStart(manifest: Manifest): Found<Command>[] {
  const found = findBuildInStart(manifest);
  // By npm, whoever installs: it finds the programs of all folders above, and is always there.
  return found === undefined ? [] : [{ value: ["npm", "exec", "--no", "--call", found.value], from: found.from }];
}

function dropEmpty(commands: Record<string, readonly Found<Command>[]>): Project["commands"] {
  return Object.fromEntries(Object.entries(commands).filter(([, list]) => list.length > 0));
}

/**
 * What runs once the sources are there: the package's own scripts that npm would have run after the install. `prepare`
 * only when it sets up no git hooks, of which a container has no use.
 */
export function listSetup(manifest: Manifest, manager: Manager): Step[] {
  return ["postinstall", "prepare"]
    .filter((name) => manifest.scripts[name] !== undefined && !HOOKS.test(manifest.scripts[name]))
    .map((name) => ({ command: runScript(manifest, manager, name).value, folder: dirname(manifest.path) }));
}

/** Makes the client of Prisma, which its package makes at the install when the schema is there: here that comes later. */
export function listGenerated(outline: Outline, path: string, manifest: Manifest, manager: Manager): Step[] {
  if (!dependsOn(manifest, "@prisma/client") || !dependsOn(manifest, "prisma")) return [];
  const isNamed = /"prisma"\s*:\s*\{[^}]*"schema"/.test(outline.text(manifest.path) ?? "");
  const isThereByName = SCHEMAS.some((name) => isThere(outline, pathIn(path, name)));
  return isNamed || isThereByName ? [{ command: [...runner(manager), "prisma", "generate"], folder: path }] : [];
}

/** Where Prisma looks for a schema, or is told where it is. */
const SCHEMAS = ["prisma/schema.prisma", "schema.prisma", "prisma/schema", "prisma.config.ts"];

const HOOKS = /\b(husky|lefthook|simple-git-hooks|git config|pre-commit|yorkie|only-allow)/;
