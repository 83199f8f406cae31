import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import type { RunHost } from "./run-host.ts";
import type { SystemCallFilter } from "./system-calls.ts";

/** What tells crun to take a filter as it is, in place of making it from the list in the configuration. */
export const readyFilterAnnotation = "run.oci.seccomp_bpf_data";

/**
 * Filters of system calls in the form that the kernel takes. crun needs longer to make one than for all the rest of a container,
 * so it is made once: crun leaves it beside a container that is created and never started.
 */
export class ReadyFilters {
  readonly #host: RunHost;
  readonly #ready = new Map<string, string>();
  readonly #making = new Set<string>();

  constructor(host: RunHost) {
    this.#host = host;
  }

  /** The filter in base64 when it is ready; otherwise it is being made, and the caller lets crun make its own. */
  find(filter: SystemCallFilter | undefined, crun: readonly string[]): string | undefined {
    if (filter === undefined) return undefined;
    const key = JSON.stringify(filter);
    if (!this.#making.has(key)) {
      this.#making.add(key);
      // Without it containers start more slowly, and no less safely.
      void this.#make(key, filter, crun).catch(() => undefined);
    }
    return this.#ready.get(key);
  }

  async #make(key: string, filter: SystemCallFilter, crun: readonly string[]): Promise<void> {
    const id = this.#host.uniqueName("filter");
    const bundle = join(this.#host.dir, id);
    mkdirSync(join(bundle, "root"), { recursive: true, mode: 0o700 });
    const config = {
      ociVersion: "1.0.2",
      process: { terminal: false, user: { uid: 0, gid: 0 }, args: ["/none"], cwd: "/", noNewPrivileges: true },
      root: { path: join(bundle, "root") },
      // Nothing is ever run in it, but crun wants a place for devices.
      mounts: [{ destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] }],
      linux: { namespaces: [{ type: "mount" }, { type: "pid" }], seccomp: filter },
    };
    writeFileSync(join(bundle, "config.json"), JSON.stringify(config), { mode: 0o600 });
    // crun looks for the program before anything else.
    writeFileSync(join(bundle, "root", "none"), "", { mode: 0o700 });
    const enter = await this.#host.anchor.enterArgs();
    // What is created holds on to its output until it is deleted.
    const quietly = ["sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh"];
    const created = await runCommand([...quietly, ...enter, ...crun, "create", "-b", bundle, id]);
    if (created.code === 0)
      this.#ready.set(key, readFileSync(join(this.#host.dir, "crun", id, "seccomp.bpf")).toString("base64"));
    await runCommand([...enter, ...crun, "delete", "--force", id]);
  }
}
