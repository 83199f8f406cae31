import { type CommandOptions, commandFlags } from "./command-flags.ts";
import { editToolchains, initModule } from "./commands/edit-module.ts";
import type { CommandInfo } from "./commands.ts";
import { type Console, PROGRAM } from "./console.ts";
import { messageOf, UsageError } from "./errors.ts";
import { FlagSet } from "./flag-set.ts";
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
  const own = commandFlags(command.name);
  const edit = { console, options: flags.options, own: own.options, words: wordsOf(command, words, own.flags, flags) };
  if (command.name === "init") {
    const { name, blueprint, sdk } = own.options;
    if ([...edit.words, name, blueprint, sdk].every((given) => given === "")) return own.options;
    await initModule(edit);
  } else if (edit.words[0] === "list") return own.options;
  else await editToolchains(edit);
  return undefined;
}

function wordsOf(
  { name }: CommandInfo,
  words: readonly string[],
  own: ReturnType<typeof commandFlags>["flags"],
  flags: CommonFlags,
): readonly string[] {
  try {
    return new FlagSet([...own, ...flags.module, ...flags.global]).parse(words, { interspersed: true }).words;
  } catch (error) {
    throw new UsageError(messageOf(error), `${PROGRAM} ${name}`);
  }
}
