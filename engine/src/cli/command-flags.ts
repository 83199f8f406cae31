import type { CommandOptions } from "./command-options.ts";
import { PROGRAM } from "./console.ts";
import { meantBy, messageOf, UsageError } from "./errors.ts";
import { type Flag, FlagSet } from "./flag-set.ts";
import { FLAGS_OF } from "./flags-of-commands.ts";
import type { CommonFlags } from "./global-flags.ts";

/** The flags that a command has beside the common ones. */
export function commandFlags(name: string): { readonly options: CommandOptions; readonly flags: readonly Flag[] } {
  const options: CommandOptions = {
    list: false,
    failFast: false,
    withGenerators: true,
    withChecks: true,
    document: undefined,
    variables: [],
    variablesJson: undefined,
    name: "",
    blueprint: "",
    sdk: "",
    source: "",
    licence: undefined,
    include: [],
    selfCalls: false,
    noSelfCalls: false,
    recursive: false,
    compat: "latest",
    dryRun: false,
    keep: "",
    last: false,
    with: "",
    output: "",
  };
  return { options, flags: FLAGS_OF.get(name)?.(options) ?? [] };
}

/**
 * What a command was given: its own flags, and the words that are no flags. The common flags are read with them.
 *
 * @throws UsageError
 */
export function readCommand(
  name: string,
  words: readonly string[],
  common: CommonFlags,
): { readonly options: CommandOptions; readonly words: readonly string[] } {
  const { options, flags } = commandFlags(name);
  const set = new FlagSet([...flags, ...common.module, ...common.global]);
  try {
    return { options, words: set.parse(words, { interspersed: true }).words };
  } catch (error) {
    throw new UsageError(messageOf(error), `${PROGRAM} ${name}`, meantBy(error));
  }
}
