import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bounds, boundsOf } from "../../engine/src/run/bounds.ts";
import type { ContainerSpec, Exit, NetworkPlace, SessionNetwork } from "../../engine/src/run/container.ts";
import { createSessionNetwork } from "../../engine/src/run/network.ts";
import type { FilterMemory } from "../../engine/src/run/ready-filters.ts";
import { RunHost } from "../../engine/src/run/run-host.ts";
import { CrunRuntime } from "../../engine/src/run/runtime.ts";
import { makeBusyboxRoot } from "./busybox-root.ts";
import { relayAgent } from "./relay-agent.ts";

const applets = [
  "sh",
  "cat",
  "echo",
  "true",
  "sleep",
  "id",
  "ls",
  "mkdir",
  "grep",
  "awk",
  "pwd",
  "kill",
  "nc",
  "mount",
  "touch",
  "head",
  "tr",
  "wc",
  "env",
  "printf",
  "nslookup",
  "mknod",
];

/** What a container said and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly outOfMemory?: Exit["outOfMemory"];
}

/** Everything a test of real containers needs, in temporary folders, with a root file system of busybox. */
export class RunSandbox {
  readonly dir = mkdtempSync(join(tmpdir(), "slipway-run-"));
  readonly rootDir = join(this.dir, "root");
  readonly host: RunHost;
  readonly runtime: CrunRuntime;
  readonly network: SessionNetwork;
  /** What the person was told of a lesser form of the network, when it started. */
  limitation: string | undefined;

  constructor(bounds?: Partial<Bounds>, memory?: FilterMemory) {
    makeRoot(this.rootDir);
    this.host = RunHost.open({ runDir: join(this.dir, "run"), relayAgent });
    this.runtime = new CrunRuntime(this.host, { ...boundsOf({}), ...bounds }, {}, undefined, memory);
    this.network = createSessionNetwork(this.host, (line) => {
      this.limitation = line;
    });
  }

  /** Everything of a container but its command, as a caller would give it. */
  spec(args: readonly string[], network: NetworkPlace, more: Partial<ContainerSpec> = {}): ContainerSpec {
    return {
      rootDir: this.rootDir,
      args,
      env: { PATH: "/bin" },
      cwd: "/",
      user: { uid: 0, gid: 0, groups: [] },
      hostname: "dagger",
      mounts: [],
      network,
      insecureRootCapabilities: false,
      noInit: false,
      ...more,
    };
  }

  /** Runs a command in a container with a lease of its own, to its end. */
  async run(args: readonly string[], more: Partial<ContainerSpec> = {}): Promise<Outcome> {
    const lease = more.network ?? (await this.network.lease("client"));
    try {
      const container = await this.runtime.startContainer(this.spec(args, lease, more));
      const [stdout, stderr, exit] = await Promise.all([
        readAll(container.stdout),
        readAll(container.stderr),
        container.exit,
      ]);
      return { ...exit, stdout, stderr };
    } finally {
      await lease.release();
    }
  }

  async close(): Promise<void> {
    await this.network.close();
    await this.runtime.close();
    await this.host.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** Asks again until `observe` gives true; after the deadline an error with what was seen last. */
export async function waitUntil(what: string, observe: () => Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  for (let last = await observe(); !last; last = await observe()) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what} (last seen: ${last})`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function makeRoot(rootDir: string): void {
  makeBusyboxRoot(rootDir, applets);
  for (const dir of ["etc", "tmp"]) mkdirSync(join(rootDir, dir));
  writeFileSync(join(rootDir, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
}
