import { parseBoolean } from "../go-texts/numbers.ts";
import type { CommandOptions } from "./command-options.ts";
import type { Flag } from "./flag-set.ts";

type FlagsOf = (options: CommandOptions) => readonly Flag[];

/** By the name of a command: the flags that write into these options. Commands without flags of their own are left out. */
export const FLAGS_OF: ReadonlyMap<string, FlagsOf> = new Map<string, FlagsOf>([
  [
    "check",
    (options) => [
      ...list(options),
      toggle("failfast", "Stop at the first failure", (on) => {
        options.failFast = on;
      }),
      toggle("no-generate", "Do not run the generators", (on) => {
        options.withGenerators = !on;
      }),
      toggle("generate", "Run only the generators", (on) => {
        options.withChecks = !on;
      }),
    ],
  ],
  ["generate", list],
  ["up", list],
  [
    "query",
    (options) => [
      { ...text("doc", "Read the query from a file", into(options, "document")), takes: "file" },
      text("var", "A variable of the query, as name=value (can be repeated)", (value) => {
        options.variables.push(value);
      }),
      text("var-json", "All variables of the query, as one JSON object", into(options, "variablesJson")),
    ],
  ],
  [
    "init",
    (options) => [
      toggle("dry-run", "Print what would be written, and write nothing", (on) => {
        options.dryRun = on;
      }),
      { ...text("blueprint", "Reference another module as blueprint", into(options, "blueprint")), takes: "folder" },
      text("name", "Name of the new module (defaults to the name of its folder)", into(options, "name")),
      sdk(options, "Create a module with code for this SDK: typescript"),
      ...code(options),
      text("include", "More paths that belong to the module (can be repeated)", (value) => {
        options.include.push(...value.split(",").filter((one) => one !== ""));
      }),
    ],
  ],
  [
    "develop",
    (options) => [
      sdk(options, "Add code for this SDK to the module: typescript"),
      ...code(options),
      toggle("without-self-calls", "Disable self-calls capability for the module", (on) => {
        options.noSelfCalls = on;
      }),
      {
        ...toggle("recursive", "Develop recursively into local dependencies", (on) => {
          options.recursive = on;
        }),
        shorthand: "r",
      },
      { ...compat(options), bareValue: "skip" },
    ],
  ],
  ["install", (options) => [nameOf(options, "dependency"), compat(options)]],
  ["uninstall", (options) => [compat(options)]],
  ["update", (options) => [compat(options)]],
  ["toolchain", (options) => [nameOf(options, "toolchain"), compat(options)]],
  [
    "store",
    (options) => {
      const usage =
        "Size that prune keeps, or limit of the file that pack writes, such as 8g or 0 (defaults to the limit of the store, and to 2g)";
      return [text("keep", usage, into(options, "keep"))];
    },
  ],
  [
    "trace",
    (options) => [
      toggle("last", "Show the newest run, like trace 1", (on) => {
        options.last = on;
      }),
      {
        ...text("with", "Number of the run to compare with (defaults to the previous run)", into(options, "with")),
        takes: "run",
      },
      {
        ...text(
          "output",
          "Write the page about the run to a local file, to open in a browser",
          into(options, "output"),
        ),
        shorthand: "o",
        takes: "file",
      },
    ],
  ],
  // What the SDK hands over about itself has no use here, but must be accepted.
  ["session", () => [hiddenText("label"), hiddenText("version")]],
]);

function list(options: CommandOptions): readonly Flag[] {
  const flag = toggle("list", "List what would run, and run nothing", (on) => {
    options.list = on;
  });
  return [{ ...flag, shorthand: "l" }];
}

/** Of commands that give a module code. */
function code(options: CommandOptions): readonly Flag[] {
  const source = "Folder for the code (defaults to the module's folder, or .dagger if that is not empty)";
  const licence = "Licence to write if there is none (defaults to Apache-2.0; empty: none)";
  return [
    { ...text("source", source, into(options, "source")), takes: "folder" },
    text("license", licence, into(options, "licence")),
    toggle("with-self-calls", "Enable self-calls capability for the module (experimental)", (on) => {
      options.selfCalls = on;
    }),
  ];
}

/** What another module is called in this one. */
function nameOf(options: CommandOptions, kind: string): Flag {
  const usage = `Name of the ${kind} in this module (defaults to its own)`;
  return { ...text("name", usage, into(options, "name")), shorthand: "n" };
}

function sdk(options: CommandOptions, usage: string): Flag {
  return { ...text("sdk", usage, into(options, "sdk")), values: ["typescript"] };
}

function compat(options: CommandOptions): Flag {
  const usage = "Engine version that the module needs from now on (defaults to the latest)";
  return { ...text("compat", usage, into(options, "compat")), values: ["latest", "skip"] };
}

function toggle(name: string, usage: string, take: (on: boolean) => void): Flag {
  return { name, usage, typeText: "", bareValue: "true", set: (value) => take(parseBoolean(value)) };
}

function text(name: string, usage: string, take: (value: string) => void): Flag {
  return { name, usage, typeText: "string", set: take };
}

function hiddenText(name: string): Flag {
  return { name, usage: "", typeText: "string", hidden: true, set: () => {} };
}

/** The options that hold one text. */
type TextOption = {
  [Key in keyof CommandOptions]: string extends CommandOptions[Key] ? Key : never;
}[keyof CommandOptions];

function into(options: CommandOptions, key: TextOption): (value: string) => void {
  return (value) => {
    options[key] = value;
  };
}
