import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What of an image is compared. */
export interface BuiltImage {
  readonly config: Readonly<Record<string, unknown>>;
  /** `MODE OWNER CONTENT` by path. */
  readonly tree: Readonly<Record<string, string>>;
}

/** Written at another time in each build, or by the builder itself. */
const CHANGING =
  /^(?:var\/log\/|var\/cache\/ldconfig\/|root\/\.npm\/|etc\/(?:hosts|resolv\.conf|hostname)$|run\/|proc|sys|dev)|\.pyc$|__pycache__|(?:passwd|group|g?shadow|subuid|subgid)-$/;

/** Another builder, with a store of its own. */
export class Buildah {
  readonly #dir = mkdtempSync(join(tmpdir(), "buildah-"));
  readonly #provided = new Set<string>();
  #next = 0;

  close(): void {
    // Its store is a mount of its own, in the mount namespace of this test.
    spawnSync("umount", ["--lazy", "--recursive", join(this.#dir, "root/overlay")]);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #run(...args: readonly string[]): string {
    const own = ["--root", join(this.#dir, "root"), "--runroot", join(this.#dir, "run"), "--storage-driver", "overlay"];
    const done = spawnSync("buildah", [...own, ...args], { encoding: "utf8", maxBuffer: 64 << 20 });
    if (done.status !== 0) throw new Error(`buildah ${args.join(" ")}: ${done.stderr}${done.stdout}`);
    return done.stdout.trim();
  }

  /** Makes an image known under its name on docker.io. */
  async provide(address: string, write: (path: string) => Promise<void>): Promise<void> {
    if (this.#provided.has(address)) return;
    this.#provided.add(address);
    const archive = join(this.#dir, "base.tar");
    await write(archive);
    const id = this.#run("pull", "-q", `oci-archive:${archive}`);
    this.#run("tag", id, `docker.io/library/${address}`);
    rmSync(archive);
  }

  /** What it makes of a folder. */
  build(folder: string, args: readonly string[]): BuiltImage {
    const tag = `localhost/built-${this.#next++}`;
    this.#run(
      "bud",
      "-q",
      "--isolation",
      "chroot",
      "--format",
      "docker",
      "--pull-never",
      "--layers",
      ...args,
      "-t",
      tag,
      folder,
    );
    return this.#read(tag);
  }

  /** An image that somebody else has written as an archive. */
  load(archive: string): BuiltImage {
    return this.#read(this.#run("pull", "-q", `oci-archive:${archive}`));
  }

  #read(image: string): BuiltImage {
    const { Docker } = JSON.parse(this.#run("inspect", "--type", "image", image)) as {
      Docker: { config: Record<string, unknown> };
    };
    const container = this.#run("from", "--pull-never", image);
    try {
      return { config: comparable(Docker.config), tree: treeOf(this.#run("mount", container)) };
    } finally {
      this.#run("rm", container);
    }
  }
}

/** Without what is empty, and what only one of the two formats has. */
function comparable(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = [
    "User",
    "ExposedPorts",
    "Env",
    "Entrypoint",
    "Cmd",
    "Volumes",
    "WorkingDir",
    "Labels",
    "StopSignal",
    "Healthcheck",
    "Shell",
    "OnBuild",
  ];
  const result: Record<string, unknown> = {};
  for (const name of names) {
    const value = config[name];
    const isEmpty = value === undefined || value === null || value === "" || Object.keys(value).length === 0;
    if (isEmpty || (name === "WorkingDir" && value === "/")) continue;
    const told = name === "Labels" ? withoutOwn(value as Record<string, string>) : value;
    if (Object.keys(told as object).length > 0) result[name] = name === "Env" ? (told as string[]).toSorted() : told;
  }
  return result;
}

/** buildah notes its own version. */
function withoutOwn(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([name]) => name !== "io.buildah.version")
      .sort(),
  );
}

function treeOf(root: string): Record<string, string> {
  const tree: Record<string, string> = {};
  const walk = (folder: string) => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (CHANGING.test(path)) continue;
      const place = join(root, path);
      const stat = lstatSync(place);
      const content = stat.isSymbolicLink() ? readlinkSync(place) : stat.isFile() ? digest(place) : "";
      tree[path] = `${(stat.mode & 0o177777).toString(8)} ${stat.uid}:${stat.gid} ${content}`;
      if (stat.isDirectory()) walk(path);
    }
  };
  walk("");
  return tree;
}

function digest(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
