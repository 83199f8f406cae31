import { editsBetween } from "../go-texts/edits.ts";

/** What the program can be asked for, and what the real one can that this one cannot. */

export interface CommandInfo {
  readonly name: string;
  readonly aliases: readonly string[];
  /** `call [options] [function]...` */
  readonly use: string;
  readonly short: string;
  /** What its own page says in place of `short`. */
  readonly long?: string;
  /** Left out of the list of commands, as in the real command line. */
  readonly hidden: boolean;
  readonly loadsModule: boolean;
}

const command = (name: string, use: string, short: string, more: Partial<CommandInfo> = {}): CommandInfo => ({
  name,
  use,
  short,
  aliases: [],
  hidden: false,
  loadsModule: true,
  ...more,
});

export const COMMANDS: readonly CommandInfo[] = [
  command("call", "call [options] [function]...", "Call one or more functions, interconnected into a pipeline"),
  command("check", "check [options] [pattern...]", "Run the checks of a module", { aliases: ["checks"] }),
  command("core", "core [options] [function]...", "Call a core function", { loadsModule: false }),
  command("develop", "develop [options]", "Prepare a local module for development", {
    long: `Make the files of a TypeScript module that are generated, and complete those that are there: sdk/ with the client of the API and of all dependencies, package.json, tsconfig.json, .gitignore, .gitattributes, and a first src/index.ts where there is no code. An editor and tsc know all types then.

With --sdk=typescript a module without code gets one. It can be run at any time, any number of times; to call functions it is not needed.`,
  }),
  command("doctor", "doctor", "Say what would run in this repository, and what is missing"),
  command("functions", "functions [options] [function]...", "List available functions"),
  command("generate", "generate [options] [pattern...]", "Run the generators of a module and apply what they change"),
  command("help", "help [command]", "Help about any command", { loadsModule: false }),
  command("init", "init [options] [path]", "Say what is found in this repository, and write what is missing", {
    loadsModule: false,
    long: `Say what is found in this repository, and write what is missing: slipway.yaml, dagger.json, manifests for the rings that a release goes through, and what an administrator applies before the first deploy. Nothing that is there is written over, and a second run changes nothing.

With --sdk, --blueprint, --name or a path it makes a Dagger module there instead, as "dagger init" does: --sdk=typescript with a first src/index.ts, --blueprint with the code of another module.`,
  }),
  command("install", "install [options] <module>", "Install a dependency", {
    aliases: ["use"],
    long: "Install another module as a dependency to the current module: a folder, or an address of a git repository, which is pinned to the commit that it is now.",
  }),
  command("query", "query [options] [operation]", "Send API queries to the engine"),
  command("run", "run [options] <command>...", "Run a command in a session", { loadsModule: false }),
  command("session", "session", "Open a session for another program", { hidden: true, loadsModule: false }),
  command("store", "store [options] [prune]", "Say what lies in the store, and make room", { loadsModule: false }),
  command("toolchain", "toolchain [options] <install|list|uninstall|update> [module]", "Manage toolchains"),
  command("trace", "trace [options] [number]", "Look at earlier runs: list them, show one, write its page", {
    loadsModule: false,
  }),
  command("uninstall", "uninstall [options] <module>", "Uninstall a dependency", {
    long: "Uninstall a dependency from the current module, by its name or its source.",
  }),
  command("update", "update [options] [<dependency>...]", "Update a module's dependencies", {
    long: `Pin the dependencies of the current module to what their versions are now. Only those that are named, by name or source and with another version behind an @, or all.`,
  }),
  command("up", "up [options] [pattern...]", "Run the services of a module until interrupted", { hidden: true }),
  command("version", "version", "Print the versions", { loadsModule: false }),
];

/** Commands that change a module of this machine, all or in part. */
export const CHANGING: readonly string[] = ["develop", "init", "install", "toolchain", "uninstall", "update"];

export function findCommand(name: string): CommandInfo | undefined {
  return COMMANDS.find((one) => one.name === name || one.aliases.includes(name));
}

const REAL_ONLY: Readonly<Record<string, string>> = {
  client: "the client of a module is made anew with every call",
  cloud: "",
  config: "settings are in dagger.json; Slipway's own are told by slipway call config",
  listen: "use slipway session",
  lock: "",
  login: "",
  logout: "",
  mcp: "",
  publish: "Slipway's own is slipway call publish",
  shell: "",
  watch: "",
};

/** Why a command of the real program is not here, and what to do; undefined when the real one has none of that name either. */
export function refusal(name: string): string | undefined {
  const hint = REAL_ONLY[name];
  if (hint === undefined) return undefined;
  const instead = hint === "" ? "" : ` (${hint})`;
  return `the embedded engine has no command "${name}"${instead}: with the real Dagger engine it is dagger ${name}`;
}

/** Largest number of letters that may differ in a suggested command. */
const SUGGEST_DISTANCE = 2;

/** Functions of Slipway whose name a person may take for a command. */
export const OWN_FUNCTIONS: readonly string[] = [
  "approve",
  "build",
  "deploy",
  "explain",
  "freeze",
  "history",
  "integration",
  "lint",
  "manifests",
  "plan",
  "promote",
  "release",
  "reports",
  "rollback",
  "stack",
  "status",
  "test",
  "thaw",
  "unit",
];

/** `unknown command or file "cal" for "slipway"`, with the commands that may have been meant. */
export function unknownCommand(name: string, program: string): string {
  const called = OWN_FUNCTIONS.includes(name) ? [`call ${name}`] : [];
  const near = COMMANDS.filter(
    (one) =>
      !one.hidden &&
      (editsBetween(name.toLowerCase(), one.name) <= SUGGEST_DISTANCE || one.name.startsWith(name.toLowerCase())),
  );
  const names = [...called, ...near.map((one) => one.name)];
  const meant = names.length === 0 ? "" : `\n\nDid you mean this?\n${names.map((one) => `\t${one}`).join("\n")}\n`;
  return `unknown command or file ${JSON.stringify(name)} for "${program}"${meant}`;
}
