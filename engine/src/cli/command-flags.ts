import { parseBoolean } from "../go-texts/numbers.ts";
import { PROGRAM } from "./console.ts";
import { meantBy, messageOf, UsageError } from "./errors.ts";
import { type Flag, FlagSet } from "./flag-set.ts";
import type { CommonFlags } from "./global-flags.ts";

/** What the flags of single commands ask for. */
export interface CommandOptions {
  list: boolean;
  failFast: boolean;
  withGenerators: boolean;
  withChecks: boolean;
  document: string | undefined;
  variables: string[];
  variablesJson: string | undefined;
  /** Of a module or a toolchain; empty: its own. */
  name: string;
  blueprint: string;
  sdk: string;
  /** Folder for the code of a module. */
  source: string;
  /** Undefined: not said. */
  licence: string | undefined;
  include: string[];
  selfCalls: boolean;
  noSelfCalls: boolean;
  recursive: boolean;
  /** For which engine a module is: `latest`, `skip`, or a version. */
  compat: string;
  dryRun: boolean;
  /** What `store prune` leaves and `store pack` takes; empty: the limit, and 2 GiB. */
  keep: string;
  /** `trace --last`. */
  last: boolean;
  /** `trace --with`: the number of the run to compare with; empty: the one before. */
  with: string;
  /** Where `trace` writes the page to; empty: nowhere. */
  output: string;
}

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
  return { options, flags: flagsOf(name, options) };
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

function flagsOf(name: string, options: CommandOptions): readonly Flag[] {
  const list = toggle("list", "l", "List what would run, and run nothing", (on) => {
    options.list = on;
  });
  switch (name) {
    case "check":
      return [
        list,
        toggle("failfast", undefined, "Stop at the first failure", (on) => {
          options.failFast = on;
        }),
        toggle("no-generate", undefined, "Do not run the generators", (on) => {
          options.withGenerators = !on;
        }),
        toggle("generate", undefined, "Run only the generators", (on) => {
          options.withChecks = !on;
        }),
      ];
    case "generate":
    case "up":
      return [list];
    case "query":
      return [
        {
          ...text("doc", "Read the query from a file", (value) => {
            options.document = value;
          }),
          takes: "file",
        },
        text("var", "A variable of the query, as name=value (can be repeated)", (value) => {
          options.variables.push(value);
        }),
        text("var-json", "All variables of the query, as one JSON object", (value) => {
          options.variablesJson = value;
        }),
      ];
    case "init":
      return [
        toggle("dry-run", undefined, "Print what would be written, and write nothing", (on) => {
          options.dryRun = on;
        }),
        {
          ...text("blueprint", "Reference another module as blueprint", (value) => {
            options.blueprint = value;
          }),
          takes: "folder",
        },
        text("name", "Name of the new module (defaults to the name of its folder)", (value) => {
          options.name = value;
        }),
        sdk("Make a module with code for this SDK: typescript", options),
        ...codeFlags(options),
        text("include", "More paths that belong to the module (can be repeated)", (value) => {
          options.include.push(...value.split(",").filter((one) => one !== ""));
        }),
      ];
    case "develop":
      return [
        sdk("Add code for this SDK to the module: typescript", options),
        ...codeFlags(options),
        toggle("without-self-calls", undefined, "Disable self-calls capability for the module", (on) => {
          options.noSelfCalls = on;
        }),
        toggle("recursive", "r", "Develop recursively into local dependencies", (on) => {
          options.recursive = on;
        }),
        { ...compat(options), bareValue: "skip" },
      ];
    case "install":
      return [
        {
          ...text("name", "Name of the dependency in this module (defaults to its own)", (value) => {
            options.name = value;
          }),
          shorthand: "n",
        },
        compat(options),
      ];
    case "uninstall":
    case "update":
      return [compat(options)];
    case "toolchain":
      return [
        {
          ...text("name", "Name of the toolchain in this module (defaults to its own)", (value) => {
            options.name = value;
          }),
          shorthand: "n",
        },
        compat(options),
      ];
    case "store":
      return [
        text(
          "keep",
          "How much prune keeps or pack takes, such as 8g or 0 (defaults to the limit of the store, and to 2g)",
          (value) => {
            options.keep = value;
          },
        ),
      ];
    case "trace":
      return [
        toggle("last", undefined, "The newest run, as trace 1", (on) => {
          options.last = on;
        }),
        {
          ...text("with", "The number of the run to compare it with (defaults to the previous run)", (value) => {
            options.with = value;
          }),
          takes: "run",
        },
        {
          ...text("output", "Write the page about the run to a local file, to open in a browser", (value) => {
            options.output = value;
          }),
          shorthand: "o",
          takes: "file",
        },
      ];
    case "session":
      // What the SDK hands over about itself has no use here, but must be accepted.
      return [hiddenText("label"), hiddenText("version")];
    default:
      return [];
  }
}

/** Of commands that give a module code. */
function codeFlags(options: CommandOptions): readonly Flag[] {
  return [
    {
      ...text(
        "source",
        "Folder for the code (defaults to the module's folder, or .dagger if that is not empty)",
        (value) => {
          options.source = value;
        },
      ),
      takes: "folder",
    },
    text("license", "Licence to write if there is none (defaults to Apache-2.0; empty: none)", (value) => {
      options.licence = value;
    }),
    toggle("with-self-calls", undefined, "Enable self-calls capability for the module (experimental)", (on) => {
      options.selfCalls = on;
    }),
  ];
}

function sdk(usage: string, options: CommandOptions): Flag {
  const take = (value: string) => {
    options.sdk = value;
  };
  return { ...text("sdk", usage, take), values: ["typescript"] };
}

function compat(options: CommandOptions): Flag {
  const take = (value: string) => {
    options.compat = value;
  };
  const usage = "Engine version that the module needs from now on (defaults to the latest)";
  return { ...text("compat", usage, take), values: ["latest", "skip"] };
}

function toggle(name: string, shorthand: string | undefined, usage: string, take: (on: boolean) => void): Flag {
  const short = shorthand === undefined ? {} : { shorthand };
  return { name, ...short, usage, typeText: "", bareValue: "true", set: (value) => take(parseBoolean(value)) };
}

function text(name: string, usage: string, take: (value: string) => void): Flag {
  return { name, usage, typeText: "string", set: take };
}

function hiddenText(name: string): Flag {
  return { name, usage: "", typeText: "string", hidden: true, set: () => {} };
}
