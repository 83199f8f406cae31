import type { CopySource, FilesOrigin, PlannedMount, PlannedStage, Step } from "../dockerfile/planned.ts";
import { DockerfileProblem } from "../dockerfile/problem.ts";
import { withSuggestion } from "../dockerfile/suggest.ts";
import { digestOf } from "../store/store.ts";
import { gitTree } from "./dockerfile-git.ts";
import type { SentMount, SentSource } from "./dockerfile-sent.ts";
import { withSocketTargets, withSocketVariable } from "./dockerfile-sockets.ts";
import { ApiError, messageOf } from "./errors.ts";
import type { Graph, Obj } from "./graph.ts";
import { HOST_PLATFORM, normalisePlatform } from "./platform.ts";

/** What the steps of one build share. */
export interface Build {
  readonly graph: Graph;
  /** The folder that files come from. */
  readonly context: Obj;
  /** By the ids that the file uses. */
  readonly secrets: ReadonlyMap<string, Obj>;
  readonly ssh: Obj | undefined;
  readonly platform: string;
  readonly noInit: boolean;
}

const COMMON_IMAGES = ["alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"];

/**
 * The container of an image that a stage begins with; it is there when this is done.
 *
 * @param others names of stages, one of which may have been meant
 * @throws DockerfileProblem when it cannot be had
 */
export async function readBase(
  graph: Graph,
  { name, platform, line }: { readonly name: string; readonly platform: string; readonly line: number },
  others: readonly string[],
): Promise<Obj> {
  try {
    const image = imageObject(graph, name, normalisePlatform(platform));
    await image.value();
    return image;
  } catch (error) {
    const known = [...others, ...COMMON_IMAGES];
    throw new DockerfileProblem(withSuggestion(`${name}: ${messageOf(error)}`, name, known), line);
  }
}

function imageObject(graph: Graph, name: string, platform: string): Obj {
  const args = platform === HOST_PLATFORM ? {} : { platform };
  const parent = graph.object("Container", { parent: graph.root, field: "container", args });
  return graph.object("Container", { parent, field: "from", args: { address: name } });
}

/**
 * The container of the target, as steps of the graph.
 *
 * @throws ApiError for a secret that is asked for and not there
 */
export function assemble(build: Build, stages: ReadonlyMap<number, PlannedStage>, target: number): Obj {
  const done = new Map<number, Obj>();
  const assembler = new Assembler(build, done);
  for (const [index, stage] of stages) {
    let at = assembler.base(stage);
    for (const step of stage.steps) at = assembler.step(at, step);
    done.set(index, at);
  }
  const { graph, secrets } = build;
  const settings = (stages.get(target) as PlannedStage).settings;
  return graph.object("Container", {
    parent: done.get(target) as Obj,
    field: "__dockerfileSettings",
    args: { settings: sendable(settings), secrets: [...secrets.values()], names: [...secrets.keys()] },
  });
}

/** The same with lists in place of what JSON does not have. */
function sendable(value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return [...value].map(sendable);
  if (Array.isArray(value)) return value.map(sendable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : [[name, sendable(item)]])),
  );
}

const SOCKET_MODE = 0o600;

class Assembler {
  constructor(
    readonly build: Build,
    readonly done: ReadonlyMap<number, Obj>,
  ) {}

  base({ base, platform }: PlannedStage): Obj {
    const { graph } = this.build;
    if (base.kind === "stage") return this.done.get(base.index) as Obj;
    const wanted = normalisePlatform(platform ?? this.build.platform);
    if (base.kind === "image") return imageObject(graph, base.name, wanted);
    const args = wanted === HOST_PLATFORM ? {} : { platform: wanted };
    return graph.object("Container", { parent: graph.root, field: "container", args });
  }

  step(parent: Obj, step: Step): Obj {
    const { graph } = this.build;
    const node = (field: string, args: Record<string, unknown>) =>
      graph.object("Container", { parent, field, args: sendable(args) as Record<string, unknown> });
    switch (step.kind) {
      case "folder":
        return node("__dockerfileFolder", { path: step.path, owner: step.owner });
      case "run":
        return this.#run(parent, step);
      case "copy":
        return this.#copy(parent, step);
    }
  }

  #run(parent: Obj, step: Step & { readonly kind: "run" }): Obj {
    const { graph, noInit } = this.build;
    const objects: Obj[] = [];
    const placed = withSocketTargets(step.mounts);
    const mounts = placed.flatMap((mount) => this.#mount(step, mount, objects));
    const { args, proxies, user, workdir, hasNetwork, script, text } = step;
    const sent = { args, env: withSocketVariable(step.env, placed), user, workdir, hasNetwork, script, mounts, noInit };
    return graph.object("Container", {
      parent,
      field: "__dockerfileRun",
      args: { step: sendable(sent), objects, proxies: sendable(proxies), name: text },
    });
  }

  /** A mount as the node gets it: the object that it is about is added to the list. */
  #mount(step: Step, { origin, ...mount }: PlannedMount, objects: Obj[]): readonly SentMount[] {
    if (mount.type === "tmpfs") return [{ ...mount, object: -1 }];
    if (mount.type === "ssh") {
      if (this.#socket(step, mount) === undefined) return [];
      objects.push(this.build.ssh as Obj);
      return [{ ...mount, object: objects.length - 1 }];
    }
    if (mount.type === "secret") {
      const secret = this.#secret(step, mount);
      if (secret === undefined) return [];
      objects.push(secret);
      return [{ ...mount, target: targetOfSecret(mount), object: objects.length - 1 }];
    }
    objects.push(this.#files(origin));
    return [{ ...mount, object: objects.length - 1 }];
  }

  /** The one socket of the build stands for each that the file names. */
  #socket(step: Step, { id, mode, required }: Omit<PlannedMount, "origin">): Obj | undefined {
    if (mode !== undefined && mode !== 0 && mode !== SOCKET_MODE) {
      throw unsupportedExec(step, `ssh mount mode ${mode.toString(8).padStart(4, "0")} is unsupported`);
    }
    if (this.build.ssh !== undefined || !required) return this.build.ssh;
    const why = `ssh mount ${JSON.stringify(id)} is required but no ssh socket mappings were provided`;
    throw unsupportedExec(step, why);
  }

  #secret(step: Step, mount: Omit<PlannedMount, "origin">): Obj | undefined {
    const { secrets } = this.build;
    const id = idOfSecret(mount);
    const secret = secrets.get(id);
    if (secret !== undefined || !mount.required) return secret;
    const why = secrets.size === 0 ? "no secret mappings were provided" : "was not provided";
    throw unsupportedExec(step, `secret ${JSON.stringify(id)} is required but ${why}`);
  }

  #copy(parent: Obj, step: Step & { readonly kind: "copy" }): Obj {
    const objects: Obj[] = [];
    const sources = step.sources.map((source): SentSource => {
      if (source.kind === "inline") return source;
      objects.push(this.#source(source));
      const object = objects.length - 1;
      if (source.kind === "files")
        return { kind: "files", object, path: source.path, include: source.include, unpack: source.unpack };
      if (source.kind === "git") return { kind: "files", object, path: "/", include: [], unpack: false };
      return { kind: "file", object, name: source.name, unpack: source.unpack };
    });
    const { destination, owner, mode, exclude, text } = step;
    return this.build.graph.object("Container", {
      parent,
      field: "__dockerfileCopy",
      args: { step: sendable({ sources, destination, owner, mode, exclude }), objects, name: text },
    });
  }

  #source(source: CopySource & { readonly kind: "files" | "http" | "git" }): Obj {
    const { graph } = this.build;
    if (source.kind === "files") return this.#files(source.origin);
    if (source.kind === "git") return gitTree(graph, source.url, source.keepGitDir);
    const { url, name, checksum } = source;
    const args = { url, name, ...(checksum === "" ? {} : { checksum }) };
    return graph.object("File", { parent: graph.root, field: "http", args });
  }

  /** The root of what files come from, as a directory. */
  #files(origin: FilesOrigin): Obj {
    const { graph, context, platform } = this.build;
    if (origin.kind === "context") return context;
    if (origin.kind === "scratch")
      return graph.object("Directory", { parent: graph.root, field: "directory", args: {} });
    const container =
      origin.kind === "stage"
        ? (this.done.get(origin.index) as Obj)
        : imageObject(graph, origin.name, normalisePlatform(platform));
    return graph.object("Directory", { parent: container, field: "rootfs", args: {} });
  }
}

function idOfSecret({ id, source, target }: Omit<PlannedMount, "origin">): string {
  return source || id || lastOf(target);
}

function targetOfSecret(mount: Omit<PlannedMount, "origin">): string {
  if (mount.target !== "" || mount.env !== undefined) return mount.target;
  return `/run/secrets/${lastOf(idOfSecret(mount))}`;
}

function lastOf(path: string): string {
  return path.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

function unsupportedExec(step: Step, reason: string): ApiError {
  return new ApiError(`llbtodagger: unsupported op "exec" (sha256:${digestOf(sendable(step))}): ${reason}`);
}
