import type { ImageConfig, RegistryCredentials } from "../image/image.ts";
import type { Snapshot } from "../store/snapshot.ts";
import type { Obj } from "./graph.ts";

/**
 * A folder of a snapshot, known to exist. `path` is absolute and clean; `/` is the whole. It may lead through links: its
 * name comes from it, its place only from `store/inside.ts`.
 */
export interface DirectoryValue {
  readonly snapshot: Snapshot;
  readonly path: string;
}

/** A file of a snapshot, known to exist. Its path may lead through links, as that of a folder may. */
export interface FileValue {
  readonly snapshot: Snapshot;
  readonly path: string;
}

export interface SecretValue {
  readonly name: string;
  readonly uri: string;
  readonly plaintext: () => Promise<Buffer>;
}

export interface CacheVolumeValue {
  readonly key: string;
  readonly source?: Obj;
  readonly sharing?: string;
  readonly owner?: string;
}

export interface PortValue {
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  readonly description: string | undefined;
  readonly experimentalSkipHealthcheck: boolean;
}

/** What is laid over a path of a container. */
export type MountValue = MountPlace &
  (
    | { readonly kind: "directory"; readonly source: DirectoryValue; readonly readOnly: boolean }
    | { readonly kind: "file"; readonly source: FileValue; readonly readOnly?: boolean }
    | { readonly kind: "cache"; readonly cache: CacheMount }
    | { readonly kind: "temp"; readonly sizeBytes: number | undefined }
    | { readonly kind: "secret"; readonly secret: Obj; readonly owner: string; readonly mode: number }
  );

export interface MountPlace {
  /** Absolute and clean. */
  readonly path: string;
  /** The path as it is told and compared with others: one that was given as absolute stays as it was given. */
  readonly target: string;
}

/** A socket of the client's host at a path of a container. */
export interface SocketMount {
  /** Absolute and clean. */
  readonly path: string;
  readonly socket: Obj;
  readonly owner: { readonly uid: number; readonly gid: number };
}

export interface CacheMount {
  /** Names the volume: its key and what it was made with. */
  readonly identity: string;
  readonly sharing: "SHARED" | "PRIVATE" | "LOCKED";
  readonly owner: string;
  readonly source: DirectoryValue | undefined;
}

export interface ServiceBinding {
  readonly alias: string;
  readonly service: Obj;
}

/** What is kept of a stream: its text, or only its length in bytes when it is too long. */
export type Kept = string | number;

/** What the last exec of a chain left beside its files. */
export interface ExecOutcome {
  readonly stdout: Kept;
  readonly stderr: Kept;
  readonly combined: Kept;
  readonly exitCode: number;
}

export interface ContainerValue {
  readonly platform: string;
  readonly rootfs: Snapshot;
  /** In order of being set; a value set again keeps its place. */
  readonly env: ReadonlyMap<string, string>;
  readonly volatileEnv: ReadonlyMap<string, string>;
  readonly secretEnv: ReadonlyMap<string, Obj>;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly workdir: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly defaultArgs: readonly string[];
  readonly ports: readonly PortValue[];
  readonly mounts: readonly MountValue[];
  readonly sockets: readonly SocketMount[];
  readonly services: readonly ServiceBinding[];
  readonly registryAuth: readonly (Omit<RegistryCredentials, "password"> & { readonly secret: Obj })[];
  /** Configuration of the image it began with, for what has no place above. */
  readonly imageConfig: ImageConfig;
  readonly last: ExecOutcome | undefined;
  /** What a terminal in it runs that names no command. */
  readonly defaultTerminal?: TerminalCommand;
}

/** A command that is run in a terminal. */
export interface TerminalCommand {
  readonly args: readonly string[];
  readonly experimentalPrivilegedNesting: boolean;
  readonly insecureRootCapabilities: boolean;
}

export interface HealthcheckValue {
  readonly args: readonly string[];
  readonly shell: boolean;
  readonly interval: string;
  readonly timeout: string;
  readonly startPeriod: string;
  readonly startInterval: string;
  readonly retries: number;
}
