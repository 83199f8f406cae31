import { ApiError } from "./errors.ts";
import { newFile } from "./file-contents.ts";
import type { Fields, Graph, Obj } from "./graph.ts";
import { flag, sessionOf, text } from "./session.ts";
import { expandWord } from "./shell-words.ts";
import type { FileValue } from "./values.ts";

interface Variable {
  readonly name: string;
  /** As written: with quotes and references. */
  readonly raw: string;
}

/** In order of being written; the last of a name counts. */
type EnvFileValue = readonly Variable[];

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
      run: async (self, args) => (await self.value<EnvFileValue>()).some((variable) => variable.name === args["name"]),
    },
    withVariable: {
      run: async (self, args): Promise<EnvFileValue> => [
        ...(await self.value<EnvFileValue>()),
        { name: text(args["name"]), raw: text(args["value"]) },
      ],
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
  const names = [...new Set(variables.map((variable) => variable.name))];
  const read = names.map((name) => ({ name, value: variableValue(variables, name, raw, graph) }));
  return read.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The variables of a file, one a line. A line without `=` is a name without a value, also when it looks like a comment:
 * what is wrong with it shows when it is read.
 */
export function parseEnvFile(contents: string): EnvFileValue {
  return contents.split("\n").flatMap((written) => {
    const line = written.trim().replace(/^export\s+/, "");
    if (line === "") return [];
    const equals = line.indexOf("=");
    return [equals < 0 ? { name: line, raw: "" } : { name: line.slice(0, equals).trim(), raw: line.slice(equals + 1) }];
  });
}

function variableValue(
  variables: EnvFileValue,
  name: string,
  raw: boolean,
  graph: Graph,
  above: readonly string[] = [],
): string {
  const found = variables.findLast((variable) => variable.name === name);
  if (found === undefined) return "";
  if (/^[^#].*\s/.test(name))
    throw new ApiError(`parse error: ${JSON.stringify(`${name}=${found.raw}`)}: not a bare assignment`);
  if (raw) return found.raw;
  try {
    return expandWord(found.raw, (other) => {
      // A variable that refers to itself means the one of the environment.
      const isInner = !above.includes(other) && other !== name && variables.some((variable) => variable.name === other);
      return isInner
        ? variableValue(variables, other, false, graph, [...above, name])
        : sessionOf(graph).host.env[other];
    });
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(`${name}: ${(error as Error).message}`);
  }
}

/** Names that begin with the prefix, in whatever case, without it. */
function inNamespace(variables: EnvFileValue, given: string): EnvFileValue {
  const prefix = `${given.replace(/_+$/, "")}_`.toLowerCase();
  return variables
    .filter((variable) => variable.name.toLowerCase().startsWith(prefix))
    .map((variable) => ({ ...variable, name: variable.name.slice(prefix.length) }));
}

async function asFile(self: Obj, graph: Graph): Promise<FileValue> {
  const lines = (await self.value<EnvFileValue>()).map((variable) => `${variable.name}=${variable.raw}\n`);
  return await newFile(graph, ".env", lines.join(""), 0o644);
}
