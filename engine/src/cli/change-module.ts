import { readCommand } from "./command-flags.ts";
import type { CommandOptions } from "./command-options.ts";
import { developModule } from "./commands/develop.ts";
import type { Edit } from "./commands/edit-module.ts";
import { editDependencies, editToolchains } from "./commands/edit-related.ts";
import { asksForModule, initModule } from "./commands/init-module.ts";
import type { CommandInfo } from "./commands.ts";
import type { Console } from "./console.ts";
import type { OpenEngine } from "./engine.ts";
import type { CommonFlags } from "./global-flags.ts";

/**
 * Runs a command that changes a module.
 *
 * @returns its exit code; or its flags when it is about something else: `toolchain list`, and `init` of a repository
 */
export async function changeModule(
  command: CommandInfo,
  given: {
    readonly words: readonly string[];
    readonly flags: CommonFlags;
    readonly console: Console;
    readonly loadEngine: () => Promise<OpenEngine>;
  },
): Promise<number | CommandOptions> {
  const { options: own, words } = readCommand(command.name, given.words, given.flags);
  const edit: Edit = { ...given, command, own, words };
  switch (command.name) {
    case "init":
      return asksForModule(own, words) ? await initModule(edit) : own;
    case "toolchain":
      return words[0] === "list" ? own : await editToolchains(edit);
    case "develop":
      return await developModule(edit);
    default:
      return await editDependencies(edit);
  }
}
