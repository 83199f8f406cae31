import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import type { DiskSpace } from "../go-texts/disk-space.ts";
import type { Images, InStep } from "../image/images.ts";

export type { InStep } from "../image/images.ts";

import type { ContainerSpec, PersonTerminal, RunningContainer, SessionNetwork } from "../run/container.ts";
import type { SecretIndex } from "../run/secret-index.ts";
import type { HostPlace } from "../store/import.ts";
import type { Store } from "../store/store.ts";
import type { Graph, Obj } from "./graph.ts";
import type { OpenContainers } from "./open-containers.ts";
import type { ServiceRun } from "./service-run.ts";
import type { WorkspaceReads } from "./workspace-reads.ts";
import type { WorkspaceView } from "./workspace-view.ts";

/** What the fields of the API work with: one for each run of the command. */
export interface Session {
  readonly store: Store;
  readonly images: Images;
  readonly network: SessionNetwork;
  readonly start: (spec: ContainerSpec) => Promise<RunningContainer>;
  readonly host: HostView;
  /** Whether nothing may be asked of a network. */
  readonly offline: boolean;
  /** The repository of the command, for functions as well. */
  readonly workspace: WorkspaceView;
  /** Of a function: where it is noted what it reads of the workspace. */
  readonly reads?: WorkspaceReads;
  readonly secrets: Map<string, Buffer>;
  /** What must not be printed, nor be kept on disk: parts of all secrets that were read. */
  readonly hidden: SecretIndex;
  /** A folder in memory, for what must never reach a disk. */
  readonly memoryDir: () => Promise<string>;
  readonly services: RunningServices;
  /** What its end waits for, so that nothing is taken away from under a container. */
  readonly containers: OpenContainers;
  readonly kept: KeptCache;
  readonly terminal: TerminalAccess;
  /** Resolves when the person wants it to end. */
  readonly interrupted: Promise<void>;
  readonly report: (event: SessionEvent) => void;
}

/** The terminal of the person who has started the command, for one program at a time. */
export interface TerminalAccess {
  /** What is run in the container of an exec that has failed, before its files go; absent: nothing. */
  readonly onFailure?: readonly string[];
  /** Why there is none, with what to do about it; `undefined` when there is one. */
  problem(): string | undefined;
  /**
   * Gives it to one program, when those that asked before are done with it. Nothing else is written there meanwhile.
   *
   * @param use answers the last line that the person is shown
   */
  lend(reason: TerminalReason, use: (terminal: PersonTerminal) => Promise<string>): Promise<void>;
}

/** What the person is told of a program that gets the terminal. */
export interface TerminalReason {
  /** The command. */
  readonly words: string;
  /** Of the exec that has failed in its container. */
  readonly failure?: string;
}

/** What is kept from session to session, for those who look after it. */
export interface KeptCache {
  policy(): CachePolicy;
  entries(): Promise<readonly CacheEntry[]>;
  /** What goes is removed when the session ends: until then the session may need any of it. */
  prune(options: PruneOptions): Promise<void>;
}

/** In bytes; 0 is no bound. */
export interface CachePolicy {
  readonly maxUsedSpace: number;
  /** What is left when more than `maxUsedSpace` was there. */
  readonly targetSpace: number;
  readonly reservedSpace: number;
  readonly minFreeSpace: number;
}

export interface PruneOptions {
  /** Absent or false: all that is not needed goes. */
  readonly useDefaultPolicy: boolean;
  /** What is given in place of the policy's. */
  readonly spaces: Partial<Readonly<Record<keyof CachePolicy, DiskSpace | undefined>>>;
}

/** Something that is kept: a result with what it needs, an image, a cache volume. */
export interface CacheEntry {
  readonly description: string;
  readonly bytes: number;
  /** In whole milliseconds since 1970, as is `usedMs`. */
  readonly createdMs: number;
  readonly usedMs: number;
  readonly activelyUsed: boolean;
  readonly recordType: string;
}

/** The services of a session, for those who use them. */
export interface RunningServices {
  /** Names and addresses of all services that run. */
  names(): ReadonlyMap<string, string>;
  /** Calls `changed` whenever a service starts or ends, until the answer is called. */
  watch(changed: () => void): () => void;
  /** Starts the service when it does not run, and keeps it running until `release`. */
  use(session: Session, service: Obj): Promise<{ run: ServiceRun; release: () => void }>;
  stop(service: Obj, signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** What a client sees as its host: for the command the machine, for a function its own container. */
export interface HostView {
  /** Set for a function: what it asks the network for is asked as its container would, never as this machine or its person. */
  readonly isContainer?: boolean;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of this machine that is the client's `/`: of a function, the root of its container while it runs. */
  readonly root: string;
}

/** What happens, for those who watch. */
export type SessionEvent =
  | {
      readonly kind: "start";
      readonly id: string;
      readonly name: string;
      readonly parent?: string;
      /** Names all that the outcome depends on, where an outcome may be used again. */
      readonly key?: string;
      readonly inputs?: readonly StepInput[];
      /** The engine does it for itself, such as to load a module: drawn at most while it lasts. */
      readonly ofEngine?: true;
    }
  | { readonly kind: "log"; readonly id: string; readonly stream: "stdout" | "stderr"; readonly text: string }
  | {
      readonly kind: "end";
      readonly id: string;
      readonly outcome: "done" | "cached" | "failed";
      /** What it depends on beside what was known when it began. */
      readonly inputs?: readonly StepInput[];
    }
  | { readonly kind: "note"; readonly text: string };

/** Something that a step depends on, and a short digest that is equal for equal content. */
export interface StepInput {
  readonly name: string;
  readonly digest: string;
  /** Where the files are that it stands for, as far as they were read as they are. */
  readonly folders?: readonly StoredFolder[];
}

/** A folder of one layer of the store. */
export interface StoredFolder {
  readonly layer: string;
  /** From the top of the layer. */
  readonly path: string;
}

/** Tells of work that the engine does for itself as a step, with what is done in it below. */
export function engineSteps(report: Session["report"], parent?: string): InStep {
  return async (name, work) => {
    const id = randomUUID();
    let outcome: "done" | "failed" = "failed";
    report({ kind: "start", id, name, ofEngine: true, ...(parent === undefined ? {} : { parent }) });
    try {
      const made = await work(engineSteps(report, id));
      outcome = "done";
      return made;
    } finally {
      report({ kind: "end", id, outcome });
    }
  };
}

export function sessionOf(graph: Graph): Session {
  return graph.session as Session;
}

/** A path of the client's host, to be followed below its root. */
export function hostPlace(session: Session, path: string): HostPlace {
  return { root: session.host.root, path: clientPath(session, path) };
}

/** An absolute path of the client, from one that starts at its working directory or with `~/`. */
export function clientPath({ host }: Session, path: string): string {
  const expanded = path === "~" || path.startsWith("~/") ? `${host.env["HOME"] ?? "/root"}${path.slice(1)}` : path;
  return posix.resolve(host.workdir, expanded);
}
