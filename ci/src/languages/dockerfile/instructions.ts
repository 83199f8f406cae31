import { ownValue } from "../../input/names.ts";
import { readOnce } from "../../repository/once.ts";

/** How people call a Dockerfile: Dockerfile, Dockerfile.api, api.Dockerfile, Containerfile. */
export const DOCKERFILE = /^(?:Dockerfile|Containerfile)(?:\.(?!dockerignore$)[\w-]+)?$|^[\w-]+\.[Dd]ockerfile$/;

/** An instruction of a Dockerfile with the line it begins at. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
  readonly line: number;
}

/** The instructions of a Dockerfile, continued lines put together. Here-documents are passed over: no name is in them. */
export function listInstructions(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const continued = /^#\s*escape\s*=\s*`/im.test(lines.slice(0, 3).join("\n")) ? /`\s*$/ : /\\\s*$/;
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    let whole = lines[at] ?? "";
    if (/^\s*(#|$)/.test(whole)) continue;
    while (continued.test(whole) && at + 1 < lines.length) {
      const next = lines[++at] ?? "";
      if (!/^\s*(#|$)/.test(next)) whole = `${whole.replace(continued, "")} ${next.trim()}`;
    }
    const match = /^\s*([A-Za-z]+)\s+(.*)$/.exec(whole);
    if (match === null) continue;
    const ends = [...whole.matchAll(/<<-?["']?(\w+)["']?/g)].map((one) => one[1]);
    for (const end of ends) while (at + 1 < lines.length && (lines[++at] ?? "").trim() !== end);
    instructions.push({ name: (match[1] ?? "").toUpperCase(), rest: (match[2] ?? "").trim(), line });
  }
  return instructions;
}

/** What an instruction takes out of the context: the sources of COPY and ADD that are paths in it. */
export function listSources({ name, rest }: Instruction): string[] {
  if (name !== "COPY" && name !== "ADD") return [];
  if (/--from=/.test(rest) || rest.includes("<<")) return [];
  const words = rest.replace(/--[\w-]+(?:=\S*)?\s+/g, "");
  const list = words.startsWith("[")
    ? [...words.matchAll(/"([^"]*)"/g)].map((one) => one[1] ?? "")
    : words.split(/\s+/);
  return list.slice(0, -1).filter((source) => !/^[a-z]+:\/\/|^git@|\$/.test(source));
}

/**
 * The instructions with what ARG and ENV give by themselves in place of names. An argument without a default keeps its name.
 *
 * @param given what a build sets arguments to
 */
function withArguments(
  instructions: readonly Instruction[],
  given: Readonly<Record<string, string>> = {},
): Instruction[] {
  const known = new Map<string, string>();
  return instructions.map((instruction) => {
    const rest = instruction.rest.replaceAll(
      /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
      (whole, braced?: string, fallback?: string, plain?: string) =>
        known.get(braced ?? plain ?? "") ?? fallback ?? whole,
    );
    for (const [name, value] of listValues(instruction.name, rest)) known.set(name, value);
    if (instruction.name === "ARG")
      for (const name of rest.split(/\s+/).map((word) => word.replace(/=.*$/, ""))) {
        const value = ownValue(given, name);
        if (value !== undefined) known.set(name, value);
      }
    return { ...instruction, rest };
  });
}

/**
 * The instructions of a Dockerfile by its path, with what its arguments are by themselves; none when there is no such file.
 * Every project beside it asks for its port and for its images.
 */
export const readDockerfile = readOnce((outline, path): readonly Instruction[] =>
  withArguments(listInstructions(outline.text(path) ?? "")),
);

/** The instructions of a Dockerfile as a build with these arguments reads them. */
export function readBuilt(text: string, args: Readonly<Record<string, string>>): Instruction[] {
  return withArguments(listInstructions(text), args);
}

/** The arguments without a default that stand in what is copied or in the image that is started from. */
export function findBareArguments(instructions: readonly Instruction[]): string[] {
  const bare = instructions
    .filter(({ name, rest }) => name === "ARG" && !rest.includes("="))
    .flatMap(({ rest }) => rest.split(/\s+/));
  const given = new Set(
    instructions.flatMap(({ name, rest }) =>
      name === "ENV" || name === "ARG" ? [...rest.matchAll(/(\w+)=/g)].map(([, key]) => key) : [],
    ),
  );
  const used = instructions
    .filter(({ name, rest }) => name === "FROM" || ((name === "COPY" || name === "ADD") && !rest.includes("<<")))
    .map(({ rest }) => rest)
    .join("\n");
  const stands = (name: string) => new RegExp(String.raw`\$(?:\{${name}\}|${name}\b)`).test(used);
  return [...new Set(bare)].filter((name) => !given.has(name) && !PREDEFINED.test(name) && stands(name));
}

/** Arguments that a build gives by itself. */
const PREDEFINED = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/;

/** What an instruction sets: `ARG NAME=value`, `ENV NAME=value OTHER="value"`, `ENV NAME value`. */
function listValues(name: string, rest: string): [string, string][] {
  if (name !== "ARG" && name !== "ENV") return [];
  const [, single, value] = name === "ENV" ? (/^(\w+)\s+([^=\s]\S*)$/.exec(rest) ?? []) : [];
  if (single !== undefined && value !== undefined) return [[single, value]];
  return [...rest.matchAll(/(?<=^|\s)(\w+)=["']?([^"'\s]*)["']?/g)].map(([, one = "", text = ""]) => [one, text]);
}
