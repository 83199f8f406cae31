import { mkdirSync, readFileSync, type Stats, statSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { hostToolEnv } from "../store/host-tools.ts";
import { digestOf } from "../store/store.ts";
import { runCommand } from "./command.ts";
import type { RunHost } from "./run-host.ts";
import type { SystemCallFilter } from "./system-calls.ts";

/** What tells crun to take a filter as it is, in place of making it from the list in the configuration. */
const READY_FILTER = "run.oci.seccomp_bpf_data";

/** A container's configuration, as far as it is about the filter. */
interface Filtered extends Readonly<Record<string, unknown>> {
  readonly linux: { readonly seccomp?: SystemCallFilter };
}

/** What is left of the list, which crun would read for nothing: should it not take the filter, no call is allowed. */
const NOTHING_ALLOWED = { defaultAction: "SCMP_ACT_ERRNO" } as const;

/** The configuration of a container that gets a filter as it is, in base64. */
export function withReadyFilter(config: Filtered, filter: string): Readonly<Record<string, unknown>> {
  return {
    ...config,
    annotations: { [READY_FILTER]: filter },
    linux: { ...config.linux, seccomp: NOTHING_ALLOWED },
  };
}

/** Where filters are kept from one session to the next. */
export interface FilterMemory {
  recall<T>(name: string): T | undefined;
  remember(name: string, value: unknown): void;
}

/** A filter as it is kept, in base64. Its name is with it: one that has got into the place of another may allow more. */
interface KeptFilter {
  readonly name: string;
  readonly filter: string;
}

/** Where the library lies that crun makes filters with. */
const LIBRARIES = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib"];

/**
 * Filters of system calls in the form that the kernel takes. crun needs longer to make one than for all the rest of a container,
 * so it is made once for all sessions with the same crun: crun leaves it beside a container that is created and never started.
 */
export class ReadyFilters {
  readonly #host: RunHost;
  readonly #ready = new Map<string, string>();
  readonly #making = new Set<string>();
  readonly #memory: FilterMemory | undefined;

  constructor(host: RunHost, memory?: FilterMemory) {
    this.#host = host;
    this.#memory = memory;
  }

  /** The filter in base64 when it is ready; otherwise it is being made, and the caller lets crun make its own. */
  find(filter: SystemCallFilter | undefined, crun: readonly string[]): string | undefined {
    if (filter === undefined) return undefined;
    const key = JSON.stringify(filter);
    if (!this.#making.has(key)) {
      this.#making.add(key);
      const name = nameOf(key);
      const kept = this.#memory?.recall<KeptFilter | null>(name);
      if (kept?.name === name && kept.filter !== "") this.#ready.set(key, kept.filter);
      // Without it containers start more slowly, and no less safely.
      else void this.#make(key, name, filter, crun).catch(() => undefined);
    }
    return this.#ready.get(key);
  }

  async #make(key: string, name: string, filter: SystemCallFilter, crun: readonly string[]): Promise<void> {
    const root = join(this.#host.dir, this.#host.uniqueName("filter"));
    mkdirSync(root, { mode: 0o700 });
    // crun looks for the program before anything else.
    writeFileSync(join(root, "none"), "", { mode: 0o700 });
    const config = {
      ociVersion: "1.0.2",
      process: { terminal: false, user: { uid: 0, gid: 0 }, args: ["/none"], cwd: "/", noNewPrivileges: true },
      root: { path: root },
      // Nothing is ever run in it, but crun wants a place for devices.
      mounts: [{ destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] }],
      linux: { namespaces: [{ type: "mount" }, { type: "pid" }], seccomp: filter },
    };
    const made = await this.#filterLeftBy(config, crun);
    // An older crun makes one of the list, whatever it is given.
    if (made === undefined || (await this.#filterLeftBy(withReadyFilter(config, made), crun)) !== made) return;
    this.#ready.set(key, made);
    this.#memory?.remember(name, { name, filter: made } satisfies KeptFilter);
  }

  /** The filter, in base64, that a container would run with; undefined where it cannot be made. */
  async #filterLeftBy(config: Readonly<Record<string, unknown>>, crun: readonly string[]): Promise<string | undefined> {
    const id = this.#host.uniqueName("filter");
    const bundle = join(this.#host.dir, id);
    mkdirSync(bundle, { mode: 0o700 });
    writeFileSync(join(bundle, "config.json"), JSON.stringify(config), { mode: 0o600 });
    const enter = await this.#host.anchor.enterArgs();
    // What is created holds on to its output until it is deleted.
    const quietly = ["sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh"];
    const created = await runCommand([...quietly, ...enter, ...crun, "create", "-b", bundle, id]);
    const filter = created.code === 0 ? readFileSync(join(this.#host.dir, "crun", id, "seccomp.bpf")) : undefined;
    await runCommand([...enter, ...crun, "delete", "--force", id]);
    return filter?.toString("base64");
  }
}

/** Another crun, library or kernel may make another filter of the same list. */
function nameOf(key: string): string {
  const crun = (hostToolEnv()["PATH"] ?? "").split(":").map((folder) => `${folder}/crun`);
  const library = LIBRARIES.map((folder) => `${folder}/libseccomp.so.2`);
  return digestOf(["system call filter", "taken as it is", key, release(), versionOf(crun), versionOf(library)]);
}

/** What tells one version of a file from another; of the first that is there. */
function versionOf(paths: readonly string[]): readonly unknown[] {
  for (const path of paths) {
    const stat = statOf(path);
    if (stat?.isFile() === true) return [path, stat.size, stat.mtimeMs, stat.ino];
  }
  return [];
}

/** Undefined also where this user may not look: a program is not found there either. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
