import { type FlagKind, type Flags, readFlags } from "./flags.ts";
import { type Heredoc, heredocOf } from "./heredoc.ts";
import type { CommandLine, CopyInstruction, Instruction, InstructionForm, RunInstruction } from "./instructions.ts";
import type { SourceInstruction } from "./lines.ts";
import { checkMountsEarly } from "./mounts.ts";
import { parseHealthcheck } from "./parse-healthcheck.ts";
import { atLine, DockerfileProblem, FormProblem, quoted } from "./problem.ts";
import { withSuggestion } from "./suggest.ts";
import { jsonWords, pairsOf, plainWords, quotedWords, splitInstruction } from "./words.ts";

type Parse = (source: SourceInstruction, escapeSign: string) => InstructionForm;

/** Plain names: what an instruction can be, in the order of the alphabet. */
const PARSERS: Readonly<Record<string, Parse>> = {
  add: (source) => parseCopy(source, "ADD"),
  arg: parseArg,
  cmd: (source) => ({ kind: "cmd", command: commandWithoutFlags(source) }),
  copy: (source) => parseCopy(source, "COPY"),
  entrypoint: (source) => ({ kind: "entrypoint", command: commandWithoutFlags(source) }),
  env: (source, escapeSign) => parsePairs(source, "env", escapeSign),
  expose: (source) => ({ kind: "expose", values: atLeastOne(plainWords(source.rest), source).toSorted() }),
  from: parseFrom,
  healthcheck: (source) => ({ kind: "healthcheck", healthcheck: parseHealthcheck(source) }),
  label: (source, escapeSign) => parsePairs(source, "label", escapeSign),
  maintainer: (source) => parseValue(source, "maintainer"),
  onbuild: parseOnbuild,
  run: parseRun,
  shell: parseShell,
  stopsignal: (source) => ({ kind: "stopsignal", value: oneArgument(source) }),
  user: (source) => parseValue(source, "user"),
  volume: parseVolume,
  workdir: (source) => parseValue(source, "workdir"),
};

const NO_FLAGS = {};

/** @throws DockerfileProblem `dockerfile parse error on line 3: unknown instruction: RUNN (did you mean RUN?)` */
export function parseInstruction(source: SourceInstruction, escapeSign: string): Instruction {
  const { line, text, keyword } = source;
  const name = keyword.toLowerCase();
  try {
    const parse = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
    if (parse === undefined) throw new DockerfileProblem(unknownInstruction(keyword));
    return { ...parse(source, escapeSign), line, text };
  } catch (error) {
    if (error instanceof FormProblem) throw new DockerfileProblem(error.message, line);
    return atLine(
      line,
      () => {
        throw error;
      },
      (message) => `dockerfile parse error on line ${line}: ${message}`,
    );
  }
}

function unknownInstruction(keyword: string): string {
  const names = Object.keys(PARSERS).map((name) => name.toUpperCase());
  return withSuggestion(`unknown instruction: ${keyword}`, keyword, names, { ignoreCase: true });
}

function nameOf({ keyword }: SourceInstruction): string {
  return keyword.toUpperCase();
}

function atLeastOne(values: readonly string[], source: SourceInstruction): readonly string[] {
  readFlags(source.flags, NO_FLAGS);
  if (values.length === 0) throw new DockerfileProblem(`${nameOf(source)} requires at least one argument`);
  return values;
}

/** All that follows is one argument. */
function oneArgument(source: SourceInstruction): string {
  if (source.rest === "") throw new DockerfileProblem(`${nameOf(source)} requires exactly one argument`);
  return source.rest;
}

function parseValue(source: SourceInstruction, kind: "user" | "workdir" | "maintainer"): InstructionForm {
  const value = oneArgument(source);
  readFlags(source.flags, NO_FLAGS);
  return { kind, value };
}

function parsePairs(source: SourceInstruction, kind: "env" | "label", escapeSign: string): InstructionForm {
  const pairs = pairsOf(source.rest, nameOf(source), escapeSign);
  readFlags(source.flags, NO_FLAGS);
  return { kind, pairs };
}

function parseArg(source: SourceInstruction, escapeSign: string): InstructionForm {
  const words = quotedWords(source.rest, escapeSign);
  if (words.length === 0) throw new DockerfileProblem("ARG requires at least one argument");
  const args = words.map((word) => {
    const at = word.indexOf("=");
    if (at === 0) throw new DockerfileProblem("ARG names can not be blank");
    return at < 0 ? { name: word, value: undefined } : { name: word.slice(0, at), value: word.slice(at + 1) };
  });
  return { kind: "arg", args };
}

function parseFrom(source: SourceInstruction): InstructionForm {
  const words = plainWords(source.rest);
  const [base = "", as = "", written = ""] = words;
  const isNamed = words.length === 3 && as.toLowerCase() === "as";
  if (!isNamed && words.length !== 1) throw new DockerfileProblem("FROM requires either one or three arguments");
  const name = isNamed ? written.toLowerCase() : "";
  if (isNamed && !/^[a-z][a-z0-9-_.]*$/.test(name)) {
    throw new DockerfileProblem(
      `invalid name for build stage: ${quoted(written)}, name can't start with a number or contain symbols`,
    );
  }
  const flags = readFlags(source.flags, { platform: "text" });
  return { kind: "from", base, name, platform: flags.text("platform") };
}

function commandOf(rest: string): CommandLine {
  const words = jsonWords(rest);
  return words === undefined ? { words: rest === "" ? [] : [rest], isJson: false } : { words, isJson: true };
}

function commandWithoutFlags(source: SourceInstruction): CommandLine {
  const command = commandOf(source.rest);
  readFlags(source.flags, NO_FLAGS);
  return command;
}

const NETWORKS = ["default", "none", "host"] as const;

function parseRun(source: SourceInstruction): RunInstruction {
  const command = commandOf(source.rest);
  const flags = readFlags(source.flags, { mount: "list", network: "text" });
  const mounts = flags.list("mount");
  checkMountsEarly(mounts);
  const named = source.flags.some((flag) => flag.startsWith("--network=")) ? flags.text("network") : "default";
  const network = NETWORKS.find((known) => known === named);
  if (network === undefined) throw new DockerfileProblem(`invalid network mode ${quoted(named)}`);
  return { kind: "run", command, heredocs: source.heredocs, mounts, network };
}

function parseShell(source: SourceInstruction): InstructionForm {
  const { words, isJson } = commandWithoutFlags(source);
  if (words.length === 0) throw new DockerfileProblem("SHELL requires at least one argument");
  if (!isJson) throw new DockerfileProblem("SHELL requires the arguments to be in JSON form");
  return { kind: "shell", words };
}

function parseVolume(source: SourceInstruction): InstructionForm {
  const values = jsonWords(source.rest) ?? plainWords(source.rest);
  const paths = atLeastOne(values, source).map((path) => path.trim());
  if (paths.includes("")) throw new DockerfileProblem("VOLUME specified can not be an empty string");
  return { kind: "volume", values: paths };
}

function parseOnbuild(source: SourceInstruction): InstructionForm {
  const { keyword } = splitInstruction(source.rest);
  if (keyword === "") throw new DockerfileProblem("ONBUILD requires at least one argument");
  readFlags(source.flags, NO_FLAGS);
  const trigger = keyword.toUpperCase();
  if (trigger === "ONBUILD") {
    throw new DockerfileProblem("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  }
  if (trigger === "MAINTAINER" || trigger === "FROM") {
    throw new DockerfileProblem(`${trigger} isn't allowed as an ONBUILD trigger`);
  }
  const heredocs = source.heredocs.map(({ content, name }) => `\n${content}${name}`).join("");
  return { kind: "onbuild", expression: `${source.text.replace(/^\s*ONBUILD\s*/i, "")}${heredocs}` };
}

const COPY_FLAGS: Readonly<Record<string, FlagKind>> = {
  from: "text",
  chown: "text",
  chmod: "text",
  link: "switch",
  parents: "switch",
  exclude: "list",
};
const ADD_FLAGS: Readonly<Record<string, FlagKind>> = {
  chown: "text",
  chmod: "text",
  link: "switch",
  exclude: "list",
  "keep-git-dir": "switch",
  checksum: "text",
  unpack: "switch",
};

function parseCopy(source: SourceInstruction, name: "ADD" | "COPY"): CopyInstruction {
  const words = jsonWords(source.rest) ?? plainWords(source.rest);
  if (words.length < 2) {
    throw new DockerfileProblem(
      `${name} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  }
  const flags: Flags = readFlags(source.flags, name === "ADD" ? ADD_FLAGS : COPY_FLAGS);
  const destination = words.at(-1) as string;
  if (heredocOf(destination) !== undefined) {
    throw new DockerfileProblem(`${name} cannot accept a heredoc as a destination`);
  }
  const given = words.slice(0, -1);
  const contents = new Map(source.heredocs.map((heredoc) => [heredoc.name, heredoc]));
  return {
    kind: "copy",
    isAdd: name === "ADD",
    from: flags.text("from"),
    chown: flags.text("chown"),
    chmod: flags.text("chmod"),
    parents: flags.switch("parents") === true,
    keepGitDir: flags.switch("keep-git-dir") === true,
    checksum: flags.text("checksum"),
    exclude: flags.list("exclude"),
    unpack: flags.switch("unpack"),
    sources: given.filter((word) => heredocOf(word) === undefined),
    inline: given.flatMap((word): Heredoc[] => {
      const opened = heredocOf(word);
      return opened === undefined ? [] : [{ ...opened, content: contents.get(opened.name)?.content ?? "" }];
    }),
    destination,
  };
}
