import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly WorkingDir: string;
}

/**
 * Runs an image as Kubernetes does with the profile `restricted` and a read-only root: no capability, no new privilege,
 * nothing writable but an empty /tmp.
 *
 * @param archive an OCI archive with one image without deleted files
 * @param folder empty; gets the unpacked image
 * @returns what the image's command printed to stdout
 * @throws Error with stderr when it does not end with 0
 */
export function runReadOnly(archive: string, folder: string): string {
  const layout = join(folder, "layout");
  const bundle = join(folder, "bundle");
  const rootfs = join(bundle, "rootfs");
  mkdirSync(layout);
  mkdirSync(rootfs, { recursive: true });
  run("tar", "-xf", archive, "-C", layout);
  const readJson = (path: string) => JSON.parse(readFileSync(join(layout, path), "utf8"));
  const blob = (digest: string) => `blobs/${digest.replace(":", "/")}`;
  const manifest = readJson(blob(readJson("index.json").manifests[0].digest));
  for (const layer of manifest.layers) run("tar", "-xf", join(layout, blob(layer.digest)), "-C", rootfs);
  const { config }: { config: ImageConfig } = readJson(blob(manifest.config.digest));
  writeFileSync(join(bundle, "config.json"), JSON.stringify(runtimeConfig(config)));
  // crun wants to see its own kind of cgroups, and none are used: an empty folder in place of the machine's.
  const start =
    'mount -t tmpfs none /sys/fs/cgroup && exec crun --root "$1" --cgroup-manager=disabled run -b "$2" read-only';
  return run("unshare", "--mount", "sh", "-c", start, "sh", join(folder, "state"), bundle);
}

function runtimeConfig(config: ImageConfig): object {
  const [uid, gid] = config.User.split(":").map(Number);
  const none: string[] = [];
  return {
    ociVersion: "1.0.2",
    root: { path: "rootfs", readonly: true },
    process: {
      user: { uid, gid },
      cwd: config.WorkingDir,
      args: config.Entrypoint,
      env: config.Env,
      noNewPrivileges: true,
      capabilities: { bounding: none, effective: none, permitted: none, inheritable: none, ambient: none },
    },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      {
        destination: "/dev",
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
      },
      { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "mode=1777", "size=65536k"] },
    ],
    linux: { namespaces: ["pid", "ipc", "uts", "mount", "network"].map((type) => ({ type })) },
  };
}

function run(program: string, ...args: readonly string[]): string {
  const ended = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (ended.status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${ended.status}: ${ended.stderr}`);
  return ended.stdout;
}
