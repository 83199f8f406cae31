import { kebabName } from "../../engine/src/api/names.ts";
import { FUNCTION_GROUPS, tellEffect } from "./effects.ts";
import { code, page, table } from "./markdown.ts";
import { type ArgumentText, type FunctionText, type ObjectText, readObjects } from "./read-objects.ts";

/** The page about the functions of the module: each with its call, arguments, result and effect. */
export function printFunctions(): string {
  const [main, ...others] = [...readObjects("ci/src/index.ts"), ...readObjects("ci/src/init/init.ts")];
  if (main === undefined) throw new Error("ci/src/index.ts has no object");
  const groups = Object.entries(FUNCTION_GROUPS);
  return page("Functions", "`ci/src/index.ts`", [
    INTRODUCTION,
    table(
      ["For", "Functions"],
      groups.map(([title, effects]) => [title, Object.keys(effects).map(linkTo).join(", ")]),
    ),
    `## Before the function\n\n${BEFORE}\n\n${printArguments(main.args)}`,
    ...groups.flatMap(([title, effects]) => [
      `## ${title}`,
      ...Object.entries(effects).map(([name, effect]) => printFunction(main, name, tellEffect(effect))),
    ]),
    ...others.map(printObject),
  ]);
}

const INTRODUCTION = `Call a function with \`slipway call NAME\`, or with \`dagger call NAME\` on Dagger's own engine. In a checkout of this repository
the command is \`./slipway\`. A result that is text is printed. After a container, a directory or a file you can call
more functions of [Dagger's API](https://docs.dagger.io/api/), or write it with \`-o PATH\`. \`slipway call NAME --help\` prints the
same words as this page.

Unless stated otherwise, a result is reused for seven days as long as the arguments and the files that it read stay the
same. If a function runs at every call, its description says so.`;

const BEFORE = `Write these between \`call\` and the name of the function, or once into \`.env\`
([environment variables](environment.md#defaults-of-arguments)).`;

function linkTo(name: string): string {
  return `[\`${kebabName(name)}\`](#${kebabName(name)})`;
}

function printFunction({ functions }: ObjectText, name: string, effect: string): string {
  const found = functions.find((one) => one.name === name);
  if (found === undefined) throw new Error(`ci/src/index.ts has no function ${name}`);
  const { description, args } = found;
  return [
    `### ${kebabName(name)}`,
    `    ${callOf(found)}`,
    description,
    ...(args.length === 0 ? [] : [printArguments(args)]),
    `Returns: ${tellReturn(found)}. Effect: ${effect}.${tellKind(found)}`,
  ].join("\n\n");
}

/** `slipway call deploy --ring string --release File [--reason string]`. */
function callOf({ name, args }: FunctionText): string {
  const flags = args
    .map((one) => ({ ...one, flag: one.type === "boolean" ? flagOf(one) : `${flagOf(one)} ${one.type}` }))
    .sort((left, right) => Number(right.isRequired) - Number(left.isRequired))
    .map(({ flag, isRequired }) => (isRequired ? flag : `[${flag}]`));
  return ["slipway call", kebabName(name), ...flags].join(" ");
}

function flagOf({ name }: ArgumentText): string {
  return `--${kebabName(name)}`;
}

function printArguments(args: readonly ArgumentText[]): string {
  return table(
    ["Argument", "Type", "Meaning"],
    args.map((one) => [code(flagOf(one)), `${code(one.type)}${one.isRequired ? ", required" : ""}`, tellArgument(one)]),
  );
}

function tellArgument({ description, defaultText }: ArgumentText): string {
  return defaultText === undefined ? description : `${description} Default: ${code(defaultText)}.`;
}

const RETURNS: Readonly<Record<string, string>> = {
  string: "a text, printed",
  Changeset: "what changes in the working tree; `slipway` and `dagger` ask before they write it, or take `-y`",
  Proposal: "a [proposal](#proposal-1)",
  Service: "a service; `up` behind it opens its ports on this machine",
  Container: "a container",
  Directory: "a directory; `-o PATH` writes it",
  File: "a file; `-o PATH` writes it",
};

function tellReturn({ returns }: FunctionText): string {
  const told = RETURNS[returns];
  if (told === undefined) throw new Error(`tests/reference/functions.ts does not know the type ${returns}`);
  return told;
}

function tellKind({ isCheck, isGenerator, cache }: FunctionText): string {
  return [
    ...(isCheck ? [" `slipway check` runs it too."] : []),
    ...(isGenerator ? [" `slipway generate` runs it too."] : []),
    ...(cache === "never" ? [" It is run at every call."] : []),
  ].join("");
}

function printObject({ name, description, functions }: ObjectText): string {
  const rows = functions.map((one) => [code(one.name), code(one.returns), one.description]);
  return `## ${name}\n\n${description}\n\n${table(["Function", "Type", "Meaning"], rows)}`;
}
