import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A registry on loopback, empty at its start. */
export interface Registry {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Ends it and removes what it stored. */
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** Who may come in: lines of an htpasswd file, by bcrypt. Absent: everybody. */
  readonly htpasswd?: string;
  /** Paths of the certificate and its key. Absent: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/**
 * Starts Debian's docker-registry and waits until it says at which port it listens. It takes a free one itself: of one that was found
 * free before, another test may have taken it meanwhile.
 *
 * @throws Error when it is not installed, or does not listen within 15 s (with what it logged last).
 */
export async function startRegistry({ htpasswd, tls }: RegistryOptions = {}): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  const config = join(folder, "config.yml");
  const users = join(folder, "htpasswd");
  if (htpasswd !== undefined) writeFileSync(users, htpasswd);
  writeFileSync(
    config,
    JSON.stringify({
      version: "0.1",
      log: { level: "info", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
      http: { addr: "127.0.0.1:0", ...(tls === undefined ? {} : { tls }) },
      ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: "test", path: users } } }),
    }),
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      log = `${log}${chunk}`.slice(-2000);
    });
  }
  const closed = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      log += error.message;
      resolve();
    });
    child.once("close", () => resolve());
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await closed;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(log)?.[1];
    if (address !== undefined) return { address, stop };
    await delay(20);
  }
  await stop();
  throw new Error(`docker-registry does not listen; its log: ${log || "empty"}`);
}

export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
