import { copySources } from "./copy-sources.ts";
import { expandWord, expandWords } from "./expansion.ts";
import type { CommandLine, CopyInstruction, Instruction, InstructionOf } from "./instructions.ts";
import { linesOf, readInstructions } from "./lines.ts";
import { readMount } from "./mounts.ts";
import { findOrigin, type Origin, type Outline, type OutlinedStage } from "./outline.ts";
import { parseInstruction } from "./parse-instruction.ts";
import { joinPath } from "./paths.ts";
import {
  DEFAULT_PATH,
  type FilesOrigin,
  type ImageSettings,
  type PlannedMount,
  type PlannedStage,
  type PlanOptions,
  type Step,
} from "./planned.ts";
import { exposedPorts } from "./ports.ts";
import { DockerfileProblem, quoted } from "./problem.ts";
import { scriptOf } from "./run-script.ts";
import { checkSignal } from "./signals.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Goes through the instructions of one stage and keeps what they have come to. */
export class StagePlanner {
  readonly #steps: Step[] = [];
  readonly #settings: Writable<ImageSettings>;
  /** ENV and ARG together: what RUN gets, and what is put into words. */
  readonly #variables: Map<string, string>;
  #hasCmd = false;

  /** @param base the stage that it goes on from, or the configuration of its image */
  constructor(
    readonly outline: Outline,
    readonly stage: OutlinedStage,
    readonly options: Omit<PlanOptions, "baseSettings">,
    base: StagePlanner | ImageSettings,
  ) {
    this.#settings = { ...(base instanceof StagePlanner ? base.#settings : base) };
    const env = new Map(this.#settings.env);
    if (!env.has("PATH")) env.set("PATH", DEFAULT_PATH);
    this.#settings.env = env;
    this.#variables = new Map(base instanceof StagePlanner ? base.#variables : env);
  }

  result(): PlannedStage {
    const { base, platform } = this.stage;
    return { base, platform, steps: this.#steps, settings: this.#settings };
  }

  /** Does what the base has put off by ONBUILD. */
  runTriggers(): void {
    const triggers = this.#settings.onBuild;
    this.#settings.onBuild = [];
    for (const trigger of triggers) {
      const [source, ...more] = readInstructions(linesOf(trigger), {
        escapeSign: "\\",
        syntax: undefined,
        check: undefined,
      });
      if (source === undefined || more.length > 0) {
        throw new DockerfileProblem("onbuild trigger should be a single expression");
      }
      this.take(parseInstruction(source, "\\"));
    }
  }

  take(instruction: Instruction): void {
    switch (instruction.kind) {
      case "env":
        for (const [name, value] of this.#pairs(instruction)) this.#setEnv(name, value);
        return;
      case "label":
        this.#settings.labels = new Map([...this.#settings.labels, ...this.#pairs(instruction)]);
        return;
      case "arg":
        this.#takeArgs(instruction);
        return;
      case "run":
        this.#run(instruction);
        return;
      case "copy":
        this.#copy(instruction);
        return;
      case "workdir":
        this.#changeFolder(instruction);
        return;
      case "user":
        this.#settings.user = this.#expand(instruction.value);
        return;
      case "cmd":
        this.#hasCmd = true;
        this.#settings.cmd = this.#inShell(instruction.command);
        return;
      case "entrypoint":
        this.#takeEntrypoint(instruction.command);
        return;
      case "shell":
        this.#settings.shell = instruction.words;
        return;
      case "expose":
        this.#expose(instruction.values);
        return;
      case "volume":
        this.#addVolumes(instruction.values);
        return;
      case "stopsignal":
        this.#settings.stopSignal = this.#signal(instruction.value);
        return;
      case "healthcheck":
        this.#settings.healthcheck = instruction.healthcheck;
        return;
      case "onbuild":
        this.#settings.onBuild = [...this.#settings.onBuild, instruction.expression];
        return;
      // The author of an image is not part of a container.
      case "maintainer":
        return;
      case "from":
        throw new DockerfileProblem("FROM isn't allowed as an ONBUILD trigger");
    }
  }

  readonly #lookup = (name: string): string | undefined => this.#variables.get(name);

  readonly #expand = (word: string): string => expandWord(word, this.#lookup, { escapeSign: this.outline.escapeSign });

  #pairs({ pairs }: InstructionOf<"env" | "label">): readonly (readonly [string, string])[] {
    return pairs.map(({ name, value }) => [this.#expand(name), this.#expand(value)] as const);
  }

  #setEnv(name: string, value: string): void {
    this.#variables.set(name, value);
    this.#settings.env = new Map(this.#settings.env).set(name, value);
  }

  #takeArgs({ args }: InstructionOf<"arg">): void {
    for (const { name, value } of args) {
      const given = this.options.buildArgs.get(name);
      const own = value === undefined ? this.outline.globalArgs.get(name) : undefined;
      const found = given ?? (value === undefined ? own : this.#expand(value));
      if (found !== undefined) this.#variables.set(name, found);
    }
  }

  #inShell({ words, isJson }: CommandLine): readonly string[] {
    if (isJson) return words;
    const { shell } = this.#settings;
    return [...(shell.length > 0 ? shell : ["/bin/sh", "-c"]), words.join(" ")];
  }

  #takeEntrypoint(command: CommandLine): void {
    const words = this.#inShell(command);
    this.#settings.entrypoint = words.length === 0 ? undefined : words;
    if (!this.#hasCmd) this.#settings.cmd = undefined;
  }

  #expose(values: readonly string[]): void {
    const words = values.flatMap((value) => expandWords(value, this.#lookup, { escapeSign: this.outline.escapeSign }));
    this.#settings.ports = new Set([...this.#settings.ports, ...words.flatMap(exposedPorts)]);
  }

  #addVolumes(values: readonly string[]): void {
    const paths = values.map(this.#expand);
    if (paths.includes("")) throw new DockerfileProblem("VOLUME specified can not be an empty string");
    this.#settings.volumes = new Set([...this.#settings.volumes, ...paths]);
  }

  #signal(value: string): string {
    const signal = this.#expand(value);
    checkSignal(signal);
    return signal;
  }

  #changeFolder({ value, line, text }: InstructionOf<"workdir">): void {
    const path = joinPath(this.#settings.workdir, this.#expand(value));
    this.#settings.workdir = path;
    if (path !== "/") this.#steps.push({ kind: "folder", path, owner: this.#settings.user, line, text });
  }

  #run(instruction: InstructionOf<"run">): void {
    const { line, text, network } = instruction;
    if (network === "host") throw new DockerfileProblem("network.host is not allowed");
    const { words, script } = scriptOf(instruction);
    this.#steps.push({
      kind: "run",
      args: this.#inShell({ ...instruction.command, words }),
      env: new Map(this.#variables),
      proxies: proxiesOf(this.options.buildArgs),
      user: this.#settings.user,
      workdir: this.#settings.workdir === "" ? "/" : this.#settings.workdir,
      mounts: instruction.mounts.map((mount) => this.#mount(mount)),
      hasNetwork: network === "default",
      script,
      line,
      text,
    });
  }

  #mount(text: string): PlannedMount {
    const { from, ...mount } = readMount(text, this.#expand);
    const isReal = mount.type === "bind" || mount.type === "cache";
    const target = isReal || mount.type === "tmpfs" ? this.#mountTarget(mount.target) : mount.target;
    if (from === "") {
      return { ...mount, target, origin: mount.type === "cache" ? { kind: "scratch" } : { kind: "context" } };
    }
    const origin = this.#origin(from, false);
    if (origin.kind === "stage" && !this.#isDone(origin.index)) {
      throw new DockerfileProblem(
        `cannot mount from stage ${quoted(from)} to ${quoted(mount.target)}, stage needs to be defined before current command`,
      );
    }
    return { ...mount, target, origin };
  }

  #mountTarget(target: string): string {
    const path = joinPath(this.#settings.workdir, target);
    if (joinPath("/", path.replace(/^\/+/, "")) === "/") {
      throw new DockerfileProblem(`invalid mount target ${quoted("/")}`);
    }
    return path;
  }

  #origin(from: string, byNumber: boolean): Origin {
    return findOrigin(from, this.outline.stages, this.outline.byName, byNumber);
  }

  #isDone(index: number): boolean {
    return index < this.stage.index && this.outline.needed.includes(index);
  }

  #copy(instruction: InstructionOf<"copy">): void {
    const { line, text, from, exclude } = instruction;
    const expanded: CopyInstruction = {
      ...instruction,
      chown: this.#expand(instruction.chown),
      chmod: this.#expand(instruction.chmod),
      checksum: this.#expand(instruction.checksum),
      sources: instruction.sources.map(this.#expand),
      destination: this.#expand(instruction.destination),
    };
    this.#steps.push({
      kind: "copy",
      sources: copySources(expanded, this.#copyOrigin(from), this.#lookup),
      destination: destinationOf(this.#settings.workdir, expanded.destination),
      owner: expanded.chown,
      mode: modeOf(expanded.chmod),
      exclude,
      line,
      text,
    });
  }

  #copyOrigin(from: string): FilesOrigin {
    if (from === "") return { kind: "context" };
    const origin = this.#origin(from, true);
    if (origin.kind === "stage" && !this.#isDone(origin.index)) {
      throw new DockerfileProblem(
        `cannot copy from stage ${quoted(from)}, it needs to be defined before current stage ${quoted(this.stage.name)}`,
      );
    }
    return origin;
  }
}

const PROXIES = /^(?:http|https|ftp|no|all)_proxy$/i;

/** Arguments that need no ARG: programs read them in small letters or in large ones. */
function proxiesOf(buildArgs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const given = [...buildArgs].filter(([name]) => PROXIES.test(name));
  return new Map(
    given.flatMap(([name, value]) => [
      [name.toUpperCase(), value],
      [name.toLowerCase(), value],
    ]),
  );
}

function destinationOf(workdir: string, path: string): string {
  const isFolder = path === "" || path === "." || /\/\.?$/.test(path);
  const absolute = joinPath("/", joinPath(workdir, path).replace(/^\/+/, ""));
  return isFolder && absolute !== "/" ? `${absolute}/` : absolute;
}

function modeOf(chmod: string): number | undefined {
  if (chmod === "") return undefined;
  const mode = Number.parseInt(chmod, 8);
  if (/^[0-7]+$/.test(chmod) && mode <= 0o7777) return mode;
  throw new DockerfileProblem(`invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`);
}
