import { flag, text } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import { newFile } from "./file-contents.ts";
import type { Fields, Graph, Obj } from "./graph.ts";
import { fieldName, snakeName } from "./names.ts";
import { sessionOf } from "./session.ts";
import { expandWords, UnclosedQuote } from "./shell-words.ts";
import type { FileValue } from "./values.ts";

interface Variable {
  readonly name: string;
  /** As written: with quotes and references. */
  readonly raw: string;
  /** Only others can refer to it. */
  readonly isHidden?: true;
}

/** In order of being written; the last of a name counts. */
export type EnvFileValue = readonly Variable[];

export const envFileFields: Fields = {
  Query: {
    envFile: { run: (): EnvFileValue => [] },
  },
  EnvFile: {
    variables: {
      run: (self, args, graph) => envVariablesOf(self, graph, flag(args["raw"])),
    },
    get: {
      run: async (self, args, graph) =>
        variableValue(await self.value<EnvFileValue>(), text(args["name"]), flag(args["raw"]), graph),
    },
    exists: {
      run: async (self, args) =>
        shown(await self.value<EnvFileValue>()).some((variable) => variable.name === args["name"]),
    },
    withVariable: {
      run: async (self, args): Promise<EnvFileValue> =>
        withVariable(await self.value<EnvFileValue>(), text(args["name"]), text(args["value"])),
    },
    withoutVariable: {
      run: async (self, args) =>
        (await self.value<EnvFileValue>()).filter((variable) => variable.name !== args["name"]),
    },
    namespace: {
      run: async (self, args) => inNamespace(await self.value<EnvFileValue>(), text(args["prefix"])),
    },
    asFile: { run: (self, _args, graph) => asFile(self, graph) },
  },
};

/** The variables of an environment file by name, each once. */
export async function envVariablesOf(
  self: Obj,
  graph: Graph,
  raw = false,
): Promise<readonly { readonly name: string; readonly value: string }[]> {
  const variables = await self.value<EnvFileValue>();
  // Read in the order in which they stand: of several that are wrong the first one is reported.
  const names = [...new Set(shown(variables).map((variable) => variable.name))];
  const read = names.map((name) => ({ name, value: variableValue(variables, name, raw, graph) }));
  return read.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The variables of a file, one a line. A line without `=` is a name without a value, also when it looks like a comment:
 * what is wrong with it shows when it is read.
 */
export function parseEnvFile(contents: string): EnvFileValue {
  let variables: EnvFileValue = [];
  for (const written of contents.split("\n")) {
    const line = written.trim().replace(/^export\s+/, "");
    if (line === "") continue;
    const [name = ""] = line.split("=", 1);
    variables = withVariable(variables, name, line.slice(name.length + 1));
  }
  return variables;
}

/** A variable is kept as one line and read from there: its name ends at the first `=`, blanks around the line go. */
function withVariable(all: EnvFileValue, given: string, value: string): EnvFileValue {
  const line = `${given}=${value}`.trim().replace(/^export\s+/, "");
  const [name = ""] = line.split("=", 1);
  const variable = { name: name.trim(), raw: line.slice(name.length + 1) };
  const place = all.findIndex((other) => other.isHidden !== true && other.name === given);
  return place < 0 ? [...all, variable] : all.with(place, variable);
}

/** A line that begins with `#` is no assignment either, but none that is missed. */
function checkNames(variables: EnvFileValue): void {
  for (const { name, raw } of variables) {
    if (/^(#.*|[A-Za-z_][A-Za-z0-9_]*)$/s.test(name)) continue;
    throw new ApiError(`parse error: ${JSON.stringify(`${name}=${raw}`)}: not a bare assignment`);
  }
}

const SHELL_MARKS = /[`"'\\]|\$[A-Za-z_{(]/;

function variableValue(
  variables: EnvFileValue,
  name: string,
  raw: boolean,
  graph: Graph,
  above: readonly string[] = [],
): string {
  const found = variables.findLast((variable) => variable.name === name);
  if (found === undefined) return "";
  checkNames(shown(variables));
  // What has nothing of a shell in it is taken as it is written.
  if (raw || !SHELL_MARKS.test(found.raw)) return found.raw;
  try {
    return expandWords(found.raw, (other) => {
      // A variable that refers to itself means the one of the environment.
      const isInner = !above.includes(other) && other !== name && variables.some((variable) => variable.name === other);
      return isInner
        ? variableValue(variables, other, false, graph, [...above, name])
        : sessionOf(graph).host.env[other];
    });
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (error instanceof UnclosedQuote) {
      const place = `1:${name.length + 2 + error.at}: reached EOF without closing quote \`${error.quote}\``;
      throw new ApiError(`parse error: ${JSON.stringify(`${name}=${found.raw}`)}: ${place}`);
    }
    throw new ApiError(`${name}: ${(error as Error).message}`);
  }
}

/**
 * Names that begin with the prefix, without it: in lower camel case or in snake case, each with an underscore after it, in
 * whatever case. The others stay for what refers to them, without being variables of the namespace.
 */
export function inNamespace(all: EnvFileValue, given: string): EnvFileValue {
  checkNames(shown(all));
  const snake = snakeName(given);
  const prefixes = [`${fieldName(given)}_`, snake.endsWith("_") ? snake : `${snake}_`].map((p) => p.toLowerCase());
  return all.map((variable): Variable => {
    if (variable.isHidden === true) return variable;
    const prefix = prefixes.find((each) => variable.name.toLowerCase().startsWith(each));
    return prefix === undefined
      ? { ...variable, isHidden: true }
      : { ...variable, name: variable.name.slice(prefix.length) };
  });
}

function shown(all: EnvFileValue): EnvFileValue {
  return all.filter((variable) => variable.isHidden !== true);
}

async function asFile(self: Obj, graph: Graph): Promise<FileValue> {
  const lines = shown(await self.value<EnvFileValue>()).map((variable) => `${variable.name}=${variable.raw}\n`);
  return await newFile(graph, ".env", lines.join(""), 0o644);
}
