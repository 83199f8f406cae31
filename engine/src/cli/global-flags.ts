import { parseBoolean } from "../go-texts/numbers.ts";
import { type Flag, FlagSet, type Parsed } from "./flag-set.ts";

/** What the flags that stand anywhere on the command line ask for. */
export interface GlobalOptions {
  progress: string;
  silent: boolean;
  quiet: number;
  verbose: number;
  debug: boolean;
  autoApply: boolean;
  workdir: string | undefined;
  moduleRef: string | undefined;
  noModule: boolean;
  output: string;
  json: boolean;
  /** Whether the container of an exec that fails is opened in the terminal, and by which command. */
  interactive: boolean;
  interactiveCommand: readonly string[];
  /** Whether nothing may be asked of a network; undefined: as the environment says. */
  offline: boolean | undefined;
  /** The file that a page about the run is written to; empty: none. */
  trace: string;
}

export interface CommonFlags {
  readonly options: GlobalOptions;
  /** Of every command. */
  readonly global: readonly Flag[];
  /** Of commands that load a module. */
  readonly module: readonly Flag[];
  /** Of commands that print a result. */
  readonly result: readonly Flag[];
}

export function commonFlags(): CommonFlags {
  const options: GlobalOptions = {
    progress: "auto",
    silent: false,
    quiet: 0,
    verbose: 0,
    debug: false,
    autoApply: false,
    workdir: undefined,
    moduleRef: undefined,
    noModule: false,
    output: "",
    json: false,
    interactive: false,
    interactiveCommand: ["/bin/sh"],
    offline: undefined,
    trace: "",
  };
  return { options, global: globalFlags(options), module: moduleFlags(options), result: resultFlags(options) };
}

function globalFlags(options: GlobalOptions): readonly Flag[] {
  return [
    bool("auto-apply", "y", "Automatically apply changes when a changeset is returned", (on) => {
      options.autoApply = on;
    }),
    bool("debug", "d", "Show debug logs and full verbosity", (on) => {
      options.debug = on;
    }),
    bool("interactive", "i", "Spawn a terminal on container exec failure", (on) => {
      options.interactive = on;
    }),
    text(
      "interactive-command",
      undefined,
      "Change the default command for interactive mode",
      (value) => {
        options.interactiveCommand = wordsOf(value);
      },
      { defaultText: '"/bin/sh"' },
    ),
    ignored(bool("no-exit", "E", "Leave the TUI running after completion", ignore)),
    bool("offline", undefined, "Use no network, only what is in the store", (on) => {
      options.offline = on;
    }),
    text(
      "progress",
      undefined,
      "Progress output format (auto, plain, tty, dots, logs, report)",
      (value) => {
        options.progress = value;
      },
      { defaultText: '"auto"', values: ["auto", "plain", "tty", "dots", "logs", "report"] },
    ),
    count("quiet", "q", "Reduce verbosity (show progress, but clean up at the end)", () => {
      options.quiet++;
    }),
    bool("silent", "s", "Do not show progress at all", (on) => {
      options.silent = on;
    }),
    text(
      "trace",
      undefined,
      "Write a page about the run to a local file, to open in a browser",
      (value) => {
        if (value === "") throw new Error("give a file name, such as run.html");
        options.trace = value;
      },
      { takes: "file" },
    ),
    count("verbose", "v", "Increase verbosity (use -vv or -vvv for more)", () => {
      options.verbose++;
    }),
    ignored(
      bool(
        "web",
        "w",
        "Open trace URL in a web browser",
        refuse("--web", "--trace FILE.html writes a page that you can open"),
      ),
    ),
    text(
      "workdir",
      undefined,
      "Change the working directory",
      (value) => {
        options.workdir = value;
      },
      { hidden: true, takes: "folder" },
    ),
    text("lock", undefined, "", ignore, { hidden: true }),
    text("dot-output", undefined, "", refuse("--dot-output"), { hidden: true }),
  ];
}

function moduleFlags(options: GlobalOptions): readonly Flag[] {
  return [
    text("allow-llm", undefined, "", ignore, { hidden: true }),
    ignored(bool("eager-runtime", undefined, "", ignore)),
    text(
      "mod",
      "m",
      "Module reference to load, either a local path or a remote git repo (defaults to current directory)",
      (value) => {
        options.moduleRef = value;
      },
      { takes: "folder" },
    ),
    bool("no-mod", "M", "Don't automatically load a module (mutually exclusive with --mod)", (on) => {
      options.noModule = on;
    }),
  ];
}

function resultFlags(options: GlobalOptions): readonly Flag[] {
  return [
    bool("json", "j", "Present result as JSON", (on) => {
      options.json = on;
    }),
    text(
      "output",
      "o",
      "Save the result to a local file or directory",
      (value) => {
        options.output = value;
      },
      { takes: "file" },
    ),
  ];
}

function bool(name: string, shorthand: string | undefined, usage: string, take: (on: boolean) => void): Flag {
  return {
    ...named(name, shorthand, usage),
    typeText: "",
    bareValue: "true",
    set: (value) => take(parseBoolean(value)),
  };
}

function count(name: string, shorthand: string, usage: string, take: () => void): Flag {
  return { ...named(name, shorthand, usage), typeText: "count", bareValue: "+1", set: take };
}

function text(
  name: string,
  shorthand: string | undefined,
  usage: string,
  take: (value: string) => void,
  more: Partial<Pick<Flag, "hidden" | "defaultText" | "values" | "takes">> = {},
): Flag {
  return { ...named(name, shorthand, usage), typeText: "string", set: take, ...more };
}

function named(name: string, shorthand: string | undefined, usage: string): Pick<Flag, "name" | "usage" | "shorthand"> {
  return shorthand === undefined ? { name, usage } : { name, usage, shorthand };
}

function ignored(flag: Flag): Flag {
  return { ...flag, hidden: true };
}

function ignore(): void {}

/** @throws Error for quotes, which would have to be read as a shell does */
function wordsOf(command: string): readonly string[] {
  const words = command.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0 || /["'\\]/.test(command)) throw new Error("give a command without quotes, such as bash -l");
  return words;
}

/** Flags of the real command line that ask for what this one has not. */
function refuse(name: string, instead?: string): () => void {
  return () => {
    throw new Error(`the embedded engine has no ${name}${instead === undefined ? "" : ` (${instead})`}`);
  };
}

/**
 * Looks for the common flags among all words, before it is known which other flags there are. What is unknown is
 * skipped, together with a word behind it that may be its value.
 *
 * @throws Error when a common flag has no value or a wrong one
 */
export function scanCommonFlags(flags: CommonFlags, args: readonly string[]): Parsed {
  const set = new FlagSet([...flags.global, ...flags.module, ...flags.result]);
  return set.parse(args, { interspersed: true, skipUnknown: true });
}
