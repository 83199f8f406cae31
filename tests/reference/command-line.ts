import { commandFlags } from "../../engine/src/cli/command-flags.ts";
import { COMMANDS, type CommandInfo } from "../../engine/src/cli/commands.ts";
import { PROGRAM, UNREAD_EXIT_CODE } from "../../engine/src/cli/console.ts";
import type { Flag } from "../../engine/src/cli/flag-set.ts";
import { commonFlags } from "../../engine/src/cli/global-flags.ts";
import { code, page, table } from "./markdown.ts";

/** The page about the command line, from the tables that it is parsed by. */
export function printCommandLine(): string {
  const { global, module, result } = commonFlags();
  const shown = COMMANDS.filter(({ hidden }) => !hidden);
  return page("Command line", "`engine/src/cli/commands.ts`, `command-flags.ts` and `global-flags.ts`", [
    INTRODUCTION,
    table(
      ["Command", "What it does"],
      shown.map(({ name, short }) => [`[\`${name}\`](#${name})`, short]),
    ),
    `## Options\n\nOf every command. They may stand anywhere in the line, but for \`run\`, where they stand before the program.\n\n${printFlags(global)}`,
    `Of commands that load a module:\n\n${printFlags(module)}`,
    `Of commands that print a result, \`call\` and \`core\`:\n\n${printFlags(result)}`,
    "## Commands",
    ...shown.map(printCommand),
    EXIT_CODES,
  ]);
}

const INTRODUCTION = `\`${PROGRAM}\` runs Dagger modules on the embedded engine. A command or option that Dagger's own command has too
has the same name here. \`${PROGRAM} COMMAND --help\` prints the same as this page, and
\`${PROGRAM} call FUNCTION --help\` prints the arguments of a function ([functions](functions.md)).

In a checkout of this repository, \`${PROGRAM} setup\` installs what is missing and builds the engine; with \`--for-tests\` it also
installs what the repository's own tests need; with \`--engine\` it only builds the engine. All other commands run it when it is needed.`;

function printCommand(command: CommandInfo): string {
  const { flags } = commandFlags(command.name);
  const visible = flags.filter(({ hidden }) => hidden !== true);
  return [
    `### ${command.name}`,
    `    ${PROGRAM} ${command.use}`,
    `${command.long ?? `${command.short}.`}${tellAliases(command)}`,
    ...(visible.length === 0 ? [] : [printFlags(visible)]),
  ].join("\n\n");
}

function tellAliases({ aliases }: CommandInfo): string {
  return aliases.length === 0 ? "" : ` Also called ${aliases.map(code).join(", ")}.`;
}

function printFlags(flags: readonly Flag[]): string {
  const visible = flags.filter(({ hidden }) => hidden !== true);
  const ordered = [...visible].sort((left, right) => (left.name < right.name ? -1 : 1));
  return table(
    ["Option", "Value", "Meaning"],
    ordered.map((flag) => [tellNames(flag), flag.typeText === "" ? "" : code(flag.typeText), tellUsage(flag)]),
  );
}

function tellNames({ name, shorthand }: Flag): string {
  return shorthand === undefined ? code(`--${name}`) : `${code(`--${name}`)}, ${code(`-${shorthand}`)}`;
}

function tellUsage({ usage, defaultText }: Flag): string {
  return defaultText === undefined ? usage : `${usage} (default ${code(defaultText)})`;
}

const EXIT_CODES = `## Exit codes

${table(
  ["Code", "When"],
  [
    ["0", "Success. For checks: all have passed."],
    [
      "1",
      "The command was refused, failed, or was interrupted; standard error says why. The pipeline's own errors have a [code](errors.md) in brackets.",
    ],
    [
      "any other",
      "`call` and `core`: the exit code of a command that failed in a container. `run`: that of the program, or 128 plus the number of the signal that ended it.",
    ],
    [
      String(UNREAD_EXIT_CODE),
      "The reader of standard output closed it before the whole result was written, as `head` does.",
    ],
  ],
)}

If the page about the run (\`--trace\`) cannot be written at the end, the exit code does not change.`;
