import type { Healthcheck } from "./instructions.ts";
import type { Mount } from "./mounts.ts";
import type { Origin } from "./outline.ts";

/** The configuration that instructions change; that of an image, in the forms that are easy to change. */
export interface ImageSettings {
  readonly env: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  /** `80/tcp` */
  readonly ports: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
  readonly user: string;
  readonly workdir: string;
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  /** Empty: `/bin/sh -c`. */
  readonly shell: readonly string[];
  readonly healthcheck: Healthcheck | undefined;
  readonly stopSignal: string;
  readonly onBuild: readonly string[];
}

export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What `FROM scratch` begins with. */
export const SCRATCH: ImageSettings = {
  env: new Map([["PATH", DEFAULT_PATH]]),
  labels: new Map(),
  ports: new Set(),
  volumes: new Set(),
  user: "",
  workdir: "/",
  entrypoint: undefined,
  cmd: undefined,
  shell: [],
  healthcheck: undefined,
  stopSignal: "",
  onBuild: [],
};

/** Where the files of a COPY or of a mount come from. */
export type FilesOrigin = Origin | { readonly kind: "context" };

/** One source of a COPY or ADD. */
export type CopySource =
  | {
      readonly kind: "files";
      readonly origin: FilesOrigin;
      /** Absolute in the origin; may hold `*`, `?` and `[…]`. */
      readonly path: string;
      /** With `--parents`: what is taken of the folder, by patterns. */
      readonly include: readonly string[];
      readonly unpack: boolean;
    }
  | {
      readonly kind: "http";
      readonly url: string;
      readonly name: string;
      readonly checksum: string;
      readonly unpack: boolean;
    }
  | { readonly kind: "git"; readonly url: string; readonly keepGitDir: boolean }
  | { readonly kind: "inline"; readonly name: string; readonly content: string };

/** One step of a stage that makes files. */
export type Step = { readonly line: number; readonly text: string } & (
  | {
      readonly kind: "run";
      readonly args: readonly string[];
      readonly env: ReadonlyMap<string, string>;
      /** Variables that change nothing of what comes out, and so are no reason to run again. */
      readonly proxies: ReadonlyMap<string, string>;
      readonly user: string;
      readonly workdir: string;
      readonly mounts: readonly PlannedMount[];
      readonly hasNetwork: boolean;
      /** Of a here-document that names its program: what is at `/dev/pipes/NAME`. */
      readonly script: { readonly name: string; readonly content: string } | undefined;
    }
  | {
      readonly kind: "copy";
      readonly sources: readonly CopySource[];
      /** Absolute; a slash at the end means a folder. */
      readonly destination: string;
      readonly owner: string;
      readonly mode: number | undefined;
      readonly exclude: readonly string[];
    }
  | { readonly kind: "folder"; readonly path: string; readonly owner: string }
);

export interface PlannedMount extends Omit<Mount, "from"> {
  readonly origin: FilesOrigin;
}

/** One stage: what it begins with, what is done, and the configuration in the end. */
export interface PlannedStage {
  readonly base: Origin;
  readonly platform: string | undefined;
  readonly steps: readonly Step[];
  readonly settings: ImageSettings;
}

export interface PlanOptions {
  readonly buildArgs: ReadonlyMap<string, string>;
  /** The configuration of a stage's base image. */
  readonly baseSettings: (index: number) => ImageSettings;
}
