import { type CommandOptions, readCommand } from "./command-flags.ts";
import { editToolchains, initModule } from "./commands/edit-module.ts";
import type { CommandInfo } from "./commands.ts";
import type { Console } from "./console.ts";
import type { CommonFlags } from "./global-flags.ts";

/**
 * Runs a command that changes a dagger.json, for which nothing has to be loaded.
 *
 * @returns its flags when it needs the engine: `toolchain list`, and `init` with nothing that Dagger's own takes
 */
export async function changeModule(
  command: CommandInfo,
  { words, flags, console }: { words: readonly string[]; flags: CommonFlags; console: Console },
): Promise<CommandOptions | undefined> {
  const { options: own, words: given } = readCommand(command.name, words, flags);
  const edit = { console, options: flags.options, own, words: given };
  if (command.name === "init") {
    const { name, blueprint, sdk } = own;
    if ([...given, name, blueprint, sdk].every((text) => text === "")) return own;
    await initModule(edit);
  } else if (given[0] === "list") return own;
  else await editToolchains(edit);
  return undefined;
}
