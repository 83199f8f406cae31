import { COMMANDS, type CommandInfo } from "./commands.ts";
import { PROGRAM } from "./console.ts";
import type { Flag } from "./flag-set.ts";
import type { CommonFlags } from "./global-flags.ts";
import type { HelpPage } from "./help.ts";

/** The page of the program itself. */
export function rootHelp(flags: CommonFlags): HelpPage {
  const rows = COMMANDS.filter((one) => !one.hidden).map((one) => [one.name, one.short] as const);
  return {
    description: "Runs Dagger modules on the embedded engine: no daemon, no root, no Docker.",
    usage: `${PROGRAM} [options] [command]`,
    lists: [{ title: "Commands", rows }],
    flags: [{ title: "Options", flags: flags.global }],
    closing: `In a repository of your own: ${PROGRAM} init, then ${PROGRAM} call test. ${PROGRAM} doctor says what is missing.

Use "${PROGRAM} [command] --help" for more information about a command.`,
  };
}

/** The page of a command whose help does not depend on a module. */
export function commandHelp(command: CommandInfo, own: readonly Flag[], flags: CommonFlags): HelpPage {
  return {
    description: command.long ?? command.short,
    usage: `${PROGRAM} ${command.use}`,
    examples: command.examples,
    lists: [],
    flags: [
      { title: "Options", flags: [...own, ...(command.loadsModule ? flags.module : [])] },
      { title: "Inherited Options", flags: flags.global },
    ],
  };
}
