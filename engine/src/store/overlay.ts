import { readFileSync } from "node:fs";
import { release } from "node:os";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { runMounting } from "./mounting.ts";
import { mountOf } from "./mounts.ts";
import { programFailure } from "./program-failure.ts";

/** Whether this process is root only in a user namespace: overlayfs then keeps its marks in `user.` attributes. */
export const inUserNamespace: boolean = readUidMap() !== "0 0 4294967295";

function readUidMap(): string {
  try {
    return readFileSync("/proc/self/uid_map", "utf8").trim().split(/\s+/).join(" ");
  } catch {
    return "0 0 4294967295";
  }
}

export interface OverlayMount {
  /** Folder of the layers; their names are used relative to it, since all options have to fit into one page. */
  readonly layersDir: string;
  /** Lowest first. */
  readonly lower: readonly string[];
  readonly upper?: string;
  readonly work?: string;
  readonly target: string;
}

/** The options of mount(8) for overlayfs. `volatile`: a layer that was not committed is worth nothing after a crash. */
function overlayOptions(mount: OverlayMount, userxattr: boolean): string {
  const options = [`lowerdir=${[...mount.lower].reverse().join(":")}`];
  if (mount.upper !== undefined) options.push(`upperdir=${mount.upper}`, `workdir=${mount.work}`, "volatile");
  // A device file that an image brings, or a container makes, opens nothing.
  options.push("nodev", "metacopy=off", ...(userxattr ? ["userxattr"] : ["redirect_dir=off"]));
  return options.join(",");
}

export async function mountOverlay(mount: OverlayMount): Promise<void> {
  const options = overlayOptions(mount, inUserNamespace);
  const command = ["mount", "-i", "-t", "overlay", "overlay", "-o", options, mount.target];
  const { code, stderr } = await runMounting(command, { cwd: mount.layersDir });
  const failure = `layers of the store ${dirname(mount.layersDir)} could not be put together`;
  if (code !== 0) throw cannotMount(stderr, mount.layersDir) ?? programFailure(failure, command, { code, stderr });
}

/** File systems on which overlayfs is known to write. */
const WRITABLE = ["btrfs", "ext2", "ext3", "ext4", "f2fs", "tmpfs", "xfs", "zfs"];

/** Why layers cannot be put together on this machine or on this disk, with what to do about it; undefined for all else. */
function cannotMount(stderr: string, layersDir: string): Error | undefined {
  const folder = dirname(layersDir);
  if (/unknown filesystem type/.test(stderr))
    return new Error(
      "this kernel has no overlayfs, by which layers are put together\n  to do: as root, modprobe overlay",
    );
  if (/wrong fs type|Invalid argument/i.test(stderr)) {
    const type = mountOf(folder)?.type ?? "an unknown file system";
    if (WRITABLE.includes(type)) return undefined;
    return new Error(
      `the store ${folder} is on ${type}, where overlayfs cannot write\n  to do: set SLIPWAY_STORE to a folder on a disk of this machine (ext4, xfs, btrfs), in a container to one on a volume`,
    );
  }
  if (inUserNamespace && /permission denied|not permitted|must be superuser/i.test(stderr))
    return new Error(
      `this kernel lets ordinary users mount no overlayfs (${release()}; Linux 5.11 and newer do)\n  to do: run this as root`,
    );
  return undefined;
}

/** Takes mounts away at once, also while something still uses them. Paths that are no mounts are left alone. */
export async function unmount(...targets: readonly string[]): Promise<void> {
  const command = unmounting(targets);
  const { code, stderr } = await runMounting(command);
  const problems = stderr.split("\n").filter((line) => line !== "" && !/not mounted/.test(line));
  if (code !== 0 && problems.length > 0)
    throw programFailure("a mount of the store could not be unmounted", command, { code, stderr });
}

function unmounting(targets: readonly string[]): readonly string[] {
  return ["umount", "-l", ...targets];
}

/** How often, and after how many milliseconds, it is tried again while a file is being closed. */
const [SEAL_TRIES, SEAL_PAUSE_MS] = [20, 25];

/**
 * Takes a mount away as `unmount` does, after the file system behind it was made read-only for everybody who has it, also where it
 * was handed on to.
 *
 * @throws Error while something still has a file of it open for writing; the mount is there then
 */
export async function sealAndUnmount(target: string): Promise<void> {
  const seal = ["mount", "-i", "-o", "remount,ro", "overlay", target];
  for (let tries = 1; ; tries += 1) {
    const { code, stderr } = await runMounting(unmounting([target]), { before: [seal] });
    if (code === 0) return;
    if (!/busy/.test(stderr)) throw new Error(`${target} cannot be made read-only: ${stderr}`);
    if (tries >= SEAL_TRIES) {
      throw new Error("a process outside the container still has one of its files open for writing");
    }
    await setTimeout(SEAL_PAUSE_MS);
  }
}
