import { isNear } from "./nearest.ts";

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
  /** What its words are, for completion: these, or those that something has. Absent: none that could be known. */
  readonly words?: readonly string[] | WordKind;
  /** Lines to try, as they stand in the help. Tests run them in this repository. */
  readonly examples: readonly Example[];
}

export type WordKind =
  | "commands"
  | "functions"
  | "checks"
  | "generators"
  | "services"
  | "runs"
  | "dependencies"
  | "toolchains"
  | "folders"
  | "files";

export interface Example {
  /** Without the name of the program: `call test`. */
  readonly line: string;
  readonly about: string;
}

const command = (
  name: string,
  use: string,
  short: string,
  more: Partial<CommandInfo> & { readonly examples?: readonly Example[] } = {},
): CommandInfo => ({
  name,
  use,
  short,
  aliases: [],
  hidden: false,
  loadsModule: true,
  examples: [],
  ...more,
});

const example = (line: string, about: string): Example => ({ line, about });

export const COMMANDS: readonly CommandInfo[] = [
  command("call", "call [options] [function]...", "Call one or more functions, interconnected into a pipeline", {
    examples: [
      example("call test", "all checks of this repository"),
      example("call plan --ring canary --offline", "the writes of a deploy, without a cluster"),
      example("call deploy --help", "the arguments of a function"),
    ],
  }),
  command("check", "check [options] [pattern...]", "Run the checks of a module", {
    aliases: ["checks"],
    words: "checks",
    examples: [
      example("check", "all of them, in parallel"),
      example("check -l", "list them"),
      example("check manifests", "one of them"),
    ],
  }),
  command("completion", "completion <bash|zsh|fish>", "Generate the autocompletion script for the specified shell", {
    loadsModule: false,
    words: ["bash", "zsh", "fish"],
    long: `Print the script that makes a shell complete commands, functions, flags, and the names that slipway.yaml has: rings, services, checks. A TAB starts no container and asks no cluster.

To enable it permanently, add the line for your shell to ~/.bashrc, ~/.zshrc (after compinit) or ~/.config/fish/config.fish.`,
    examples: [
      example("completion bash", "in ~/.bashrc: source <(slipway completion bash)"),
      example("completion zsh", "in ~/.zshrc: source <(slipway completion zsh)"),
      example("completion fish", "in ~/.config/fish/config.fish: slipway completion fish | source"),
    ],
  }),
  command("core", "core [options] [function]...", "Call a core function", {
    loadsModule: false,
    examples: [
      example("core version", "the version of Dagger that the engine speaks"),
      example(
        "core container from --address debian:bookworm-slim with-exec --args uname,-s stdout",
        "a step in an image",
      ),
    ],
  }),
  command("develop", "develop [options]", "Prepare a local module for development", {
    long: `Generate the files of a TypeScript module, and complete those that exist: sdk/ with the client of the API and of all dependencies, package.json, tsconfig.json, .gitignore, .gitattributes, and a first src/index.ts if there is no code. Then an editor and tsc know all types.

With --sdk=typescript it adds code to a module that has none. You can run it at any time. Calling functions does not need it.`,
    examples: [example("develop", "the files of this module"), example("develop -r", "and of its local dependencies")],
  }),
  command("doctor", "doctor", "Show what would run in this repository, and what is missing", {
    examples: [example("doctor", "this machine and this repository")],
  }),
  command("functions", "functions [options] [function]...", "List available functions", {
    words: "functions",
    examples: [
      example("functions", "those of the module in this folder"),
      example("functions stack", "those of the result of stack"),
    ],
  }),
  command("generate", "generate [options] [pattern...]", "Run the generators of a module and apply what they change", {
    words: "generators",
    examples: [example("generate -l", "list them"), example("generate -y", "apply the changes without asking")],
  }),
  command("help", "help [command]", "Help about any command", {
    loadsModule: false,
    words: "commands",
    examples: [example("help call", "like slipway call --help, without a module's functions")],
  }),
  command("init", "init [options] [path]", "Show what is in this repository, and write what is missing", {
    loadsModule: false,
    words: "folders",
    long: `Show what is in this repository, and write what is missing: slipway.yaml, dagger.json, manifests for the rings that a release goes through, and what an administrator applies before the first deploy. Existing files are never overwritten, and a second run changes nothing.

With --sdk, --blueprint, --name or a path, it creates a Dagger module instead, as "dagger init" does: --sdk=typescript with a first src/index.ts, --blueprint with the code of another module.`,
    examples: [
      example("init --dry-run", "what is found, and what would be written"),
      example("init --sdk=typescript tools", "a module of your own in the folder tools"),
    ],
  }),
  command("install", "install [options] <module>", "Install a dependency", {
    aliases: ["use"],
    words: "folders",
    long: "Install another module as a dependency of the current module: a folder, or the address of a git repository, which is pinned to its current commit.",
    examples: [
      example("install ./tools", "a folder of this repository"),
      example("install github.com/acme/tools@v1.2.0", "a git repository, pinned to the commit of that tag"),
    ],
  }),
  command("query", "query [options] [operation]", "Send API queries to the engine", {
    examples: [
      example("query --doc version.graphql", "the query in a file"),
      example("query <<< '{ version }'", "the query on standard input"),
    ],
  }),
  command("run", "run [options] <command>...", "Run a command in a session", {
    loadsModule: false,
    words: "files",
    examples: [example("run node program.mjs", "a program that uses the Dagger SDK")],
  }),
  command("session", "session", "Open a session for another program", { hidden: true, loadsModule: false }),
  command(
    "store",
    "store [options] [prune|pack|unpack|key] [file...]",
    "Show what is in the store, free space, or carry it to another machine",
    {
      loadsModule: false,
      words: ["key", "pack", "prune", "unpack"],
      examples: [
        example("store", "what is in it, by kind"),
        example("store prune --keep 5g", "free all but 5 GiB"),
        example("store pack warm.tar --keep 2g", "write what another machine can use into a file"),
        example("store unpack warm.tar", "add such a file to the store of this machine"),
        example("store key package-lock.json", "a name for such a file in a cache"),
      ],
    },
  ),
  command("toolchain", "toolchain [options] <install|list|uninstall|update> [module]", "Manage toolchains", {
    words: "toolchains",
    examples: [
      example("toolchain list", "those of this module"),
      example("toolchain install ./tools", "offer the functions of another module here"),
    ],
  }),
  command("trace", "trace [options] [number]", "List earlier runs, show one, or write a page about it", {
    loadsModule: false,
    words: "runs",
    examples: [
      example("trace", "the last ten runs"),
      example("trace --last", "the steps of the newest run"),
      example("trace 2 -o run.html", "a page about the previous run"),
      example("trace 1 --with 4", "compare the newest run with run 4"),
    ],
  }),
  command("uninstall", "uninstall [options] <module>", "Uninstall a dependency", {
    words: "dependencies",
    long: "Uninstall a dependency from the current module, by its name or its source.",
    examples: [example("uninstall tools", "the dependency of that name")],
  }),
  command("update", "update [options] [<dependency>...]", "Update a module's dependencies", {
    words: "dependencies",
    long: `Pin the dependencies of the current module to the current commits of their versions: all of them, or only those that you name, by name or source. NAME@VERSION sets a new version.`,
    examples: [example("update", "all of them"), example("update tools@v1.3.0", "one, to another version")],
  }),
  command("up", "up [options] [pattern...]", "Run the services of a module until interrupted", {
    hidden: true,
    words: "services",
    examples: [example("up -l", "list them")],
  }),
  command("version", "version", "Print the versions", {
    loadsModule: false,
    long: "Print the version of this program and, one per line, those of the engine, the module in this folder and Node, and the size of the store. `slipway --version` prints the first line alone.",
    examples: [example("version", "for a bug report")],
  }),
];

/** Commands that change a module of this machine, all or in part. */
export const CHANGING: readonly string[] = ["develop", "init", "install", "toolchain", "uninstall", "update"];

export function findCommand(name: string): CommandInfo | undefined {
  return COMMANDS.find((one) => one.name === name || one.aliases.includes(name));
}

const REAL_ONLY: Readonly<Record<string, string>> = {
  client: "every call generates the client of a module again",
  cloud: "",
  config: "settings are in dagger.json; slipway call config prints Slipway's own",
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
  "metrics",
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
  const called = OWN_FUNCTIONS.filter((own) => isNear(name, own)).map((own) => `call ${own}`);
  const near = COMMANDS.filter((one) => !one.hidden && isNear(name, one.name));
  const names = [...called, ...near.map((one) => one.name)];
  const meant = names.length === 0 ? "" : `\n\nDid you mean this?\n${names.map((one) => `\t${one}`).join("\n")}\n`;
  return `unknown command or file ${JSON.stringify(name)} for "${program}"${meant}`;
}
