import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
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
 * Starts Debian's docker-registry on a free port and waits until it answers.
 *
 * @throws Error when it is not installed, or does not answer within 15 s (with what it logged last).
 */
export async function startRegistry({ htpasswd, tls }: RegistryOptions = {}): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  const address = `127.0.0.1:${await findFreePort()}`;
  const config = join(folder, "config.yml");
  const users = join(folder, "htpasswd");
  if (htpasswd !== undefined) writeFileSync(users, htpasswd);
  writeFileSync(
    config,
    JSON.stringify({
      version: "0.1",
      log: { level: "warn" },
      storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
      http: { addr: address, ...(tls === undefined ? {} : { tls }) },
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
    if (await accepts(address)) return { address, stop };
    await delay(50);
  }
  await stop();
  throw new Error(`docker-registry does not answer at ${address}; its log: ${log || "empty"}`);
}

/** Whether somebody takes a connection at `HOST:PORT`. */
function accepts(address: string): Promise<boolean> {
  const [host = "", port] = address.split(":");
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
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
