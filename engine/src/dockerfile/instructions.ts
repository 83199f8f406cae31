import type { Heredoc } from "./heredoc.ts";
import type { Pair } from "./words.ts";

/** What RUN, CMD, ENTRYPOINT and SHELL are followed by. */
export interface CommandLine {
  /** The words of a JSON list, or the one line of a shell; empty when nothing follows. */
  readonly words: readonly string[];
  readonly isJson: boolean;
}

/** A test of a running container, as an image's configuration has it; times in milliseconds. */
export interface Healthcheck {
  /** `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", line]`. */
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

export interface CopyInstruction {
  readonly kind: "copy";
  readonly isAdd: boolean;
  readonly from: string;
  readonly chown: string;
  readonly chmod: string;
  readonly parents: boolean;
  readonly keepGitDir: boolean;
  readonly checksum: string;
  readonly exclude: readonly string[];
  /** Undefined when it was not said. */
  readonly unpack: boolean | undefined;
  readonly sources: readonly string[];
  readonly inline: readonly Heredoc[];
  readonly destination: string;
}

export interface RunInstruction {
  readonly kind: "run";
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
  /** Values of `--mount`, as they are written. */
  readonly mounts: readonly string[];
  readonly network: "default" | "none" | "host";
}

/** An ARG: without a value it only says that there is one. */
export interface Argument {
  readonly name: string;
  readonly value: string | undefined;
}

type Kinds<K extends string, T> = K extends string ? { readonly kind: K } & T : never;

/** What an instruction says, checked as far as can be done without the values of variables. */
export type InstructionForm =
  | { readonly kind: "from"; readonly base: string; readonly name: string; readonly platform: string }
  | { readonly kind: "arg"; readonly args: readonly Argument[] }
  | Kinds<"env" | "label", { readonly pairs: readonly Pair[] }>
  | Kinds<"cmd" | "entrypoint", { readonly command: CommandLine }>
  | { readonly kind: "shell"; readonly words: readonly string[] }
  | Kinds<"user" | "workdir" | "stopsignal" | "maintainer", { readonly value: string }>
  | Kinds<"volume" | "expose", { readonly values: readonly string[] }>
  | { readonly kind: "healthcheck"; readonly healthcheck: Healthcheck }
  | { readonly kind: "onbuild"; readonly expression: string }
  | RunInstruction
  | CopyInstruction;

/** An instruction and where it stands: its first line, and its text with its lines put together. */
export type Instruction = InstructionForm & { readonly line: number; readonly text: string };

/** One kind of instruction. */
export type InstructionOf<K extends Instruction["kind"]> = Extract<Instruction, { readonly kind: K }>;
