import { randomUUID } from "node:crypto";
import { chmod, chown, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { ContainerMount, ContainerSpec, NetworkLease } from "../run/container.ts";
import { makeOwnedFolders } from "../store/edit.ts";
import { resolveInside } from "../store/inside.ts";
import { cleanPath, isAtOrBelow, PathError } from "../store/paths.ts";
import type { Snapshot } from "../store/snapshot.ts";
import type { OpenLayer } from "../store/store.ts";
import { lookupOwner, lookupUser, type UserIdentity } from "../store/users.ts";
import { type OpenVolume, openVolume } from "./cache-volume.ts";
import { ApiError, ExecFailure } from "./errors.ts";
import { readPlaintext } from "./secret.ts";
import type { Session } from "./session.ts";
import type { ContainerValue, MountValue } from "./values.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** One process in a container, as an exec or a service asks for it. */
export interface Command {
  readonly args: readonly string[];
  readonly insecureRootCapabilities: boolean;
  readonly noInit: boolean;
  readonly stdin: string;
  readonly redirectStdin: string;
  readonly redirectStdout: string;
  readonly redirectStderr: string;
  /** It reaches nothing but itself. */
  readonly hasNoNetwork?: true;
  /** Its programs are told of the certificates that this machine's environment names. */
  readonly trustsHost?: true;
}

/** A folder of this machine, which others may use meanwhile, and a path below it. */
export interface Located {
  readonly root: string;
  readonly path: string;
}

/** A container made ready: its root and mounts are open, its process can be started. */
export interface PreparedContainer {
  readonly spec: ContainerSpec;
  readonly secrets: readonly string[];
  /** What another process in it is told: as the real engine's, without secrets and without what changes in each run. */
  readonly plainEnv: Readonly<Record<string, string>>;
  /** Where a path of the container is kept: in its root, or in what is mounted over it. */
  locate(path: string): Located;
  /** Makes what is missing of the working directory: after the redirects, which are no reason to make it. */
  makeWorkdir(): void;
  /** Closes everything and keeps what was written. */
  commit(): Promise<{ rootfs: Snapshot; mounts: readonly (Snapshot | undefined)[] }>;
  discard(): Promise<void>;
}

/**
 * Opens the file system of a container for one process.
 *
 * @throws ExecFailure with exit code -1 for what is wrong before the process runs (unknown user, secret not found …)
 */
export async function prepareContainer(
  session: Session,
  container: ContainerValue,
  command: Command,
  network: NetworkLease,
): Promise<PreparedContainer> {
  const { store } = session;
  const root = await store.open(container.rootfs, true);
  const opened: OpenMount[] = [];
  const closeAll = async (keep: boolean) => {
    const snapshots: (Snapshot | undefined)[] = [];
    for (const mount of opened) snapshots.push(await mount.close(keep));
    const rootfs = keep ? await root.commit() : await root.discard();
    return { rootfs: rootfs ?? container.rootfs, mounts: snapshots };
  };
  try {
    const user = userOf(root.root, container.user);
    for (const mount of container.mounts) opened.push(await openMount(session, root.root, mount));
    const mounts = secretsLast(opened).flatMap((mount) => (mount.mount === undefined ? [] : [mount.mount]));
    const secretEnv = await secretVariables(container);
    const spec: ContainerSpec = {
      rootDir: root.root,
      args: command.args,
      env: environmentOf(container, secretEnv, user.home),
      cwd: container.workdir === "" ? "/" : container.workdir,
      user: { uid: user.uid, gid: user.gid, groups: user.additionalGids },
      hostname: "dagger",
      mounts,
      network,
      insecureRootCapabilities: command.insecureRootCapabilities,
      noInit: command.noInit,
      ...(command.hasNoNetwork === true ? { hasNoNetwork: true } : {}),
      ...(command.trustsHost === true ? { trustsHost: true } : {}),
      ...(command.stdin === "" ? {} : { stdin: Buffer.from(command.stdin) }),
    };
    return {
      spec,
      plainEnv: { PATH: DEFAULT_PATH, HOME: user.home, ...Object.fromEntries(container.env) },
      secrets: [...secretEnv.values(), ...opened.flatMap((m) => m.secret?.toString("utf8") ?? [])],
      locate: (path) => locate(root.root, opened, posix.resolve("/", container.workdir, path)),
      makeWorkdir: () => makeWorkdir(root.root, container, user),
      commit: () => closeAll(true),
      discard: async () => {
        await closeAll(false);
      },
    };
  } catch (error) {
    await closeAll(false);
    if (!(error instanceof NoSuchUser)) throw error;
    throw new ExecFailure(error.message, { cmd: command.args, exitCode: -1, stdout: "", stderr: "" });
  }
}

/** Folders of the working directory that are missing belong to the one who works there. */
function makeWorkdir(root: string, { workdir, mounts }: ContainerValue, owner: UserIdentity): void {
  const path = cleanPath(workdir);
  if (mounts.some((mount) => isAtOrBelow(path, mount.path))) return;
  try {
    makeOwnedFolders(root, path, owner);
  } catch (error) {
    // What is in the way is told by what starts the process.
    if (!(error instanceof PathError)) throw error;
  }
}

class NoSuchUser extends ApiError {}

function userOf(root: string, user: string): UserIdentity {
  try {
    return lookupUser(root, user);
  } catch (error) {
    throw new NoSuchUser(`get user: ${(error as Error).message}`);
  }
}

async function secretVariables(container: ContainerValue): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const [name, secret] of container.secretEnv) {
    try {
      values.set(name, (await readPlaintext(secret)).toString("utf8"));
    } catch (error) {
      throw new ApiError(`secret env "${name}": ${(error as Error).message}`);
    }
  }
  return values;
}

/** A secret wins over a plain variable of its name. BAGGAGE is what the real engine's tracing always leaves there. */
function environmentOf(
  container: ContainerValue,
  secretEnv: ReadonlyMap<string, string>,
  home: string,
): Record<string, string> {
  return {
    PATH: DEFAULT_PATH,
    HOME: home,
    BAGGAGE: "",
    ...Object.fromEntries(container.env),
    ...Object.fromEntries(container.volatileEnv),
    ...Object.fromEntries(secretEnv),
  };
}

interface OpenMount {
  readonly mount: ContainerMount | undefined;
  readonly secret?: Buffer;
  close(keep: boolean): Promise<Snapshot | undefined>;
}

const nothingToKeep = async () => undefined;

async function openMount(session: Session, root: string, mount: MountValue): Promise<OpenMount> {
  const { store } = session;
  switch (mount.kind) {
    case "directory":
    case "file": {
      if (mount.readOnly === true) {
        const source = await resolveInside(await store.view(mount.source.snapshot), mount.source.path, {
          followLast: true,
        });
        return { mount: { destination: mount.path, kind: "bind", source, readOnly: true }, close: nothingToKeep };
      }
      const layer: OpenLayer = await store.open(mount.source.snapshot, true);
      const source = await resolveInside(layer.root, mount.source.path, { followLast: true });
      return {
        mount: { destination: mount.path, kind: "bind", source },
        close: async (keep) => (keep ? await layer.commit() : void (await layer.discard())),
      };
    }
    case "cache": {
      const owner = mount.cache.owner === "" ? { uid: 0, gid: 0 } : lookupOwner(root, mount.cache.owner);
      const volume: OpenVolume = await openVolume(session, mount.cache, owner);
      return {
        mount: { destination: mount.path, kind: "bind", source: volume.dir },
        close: async () => void (await volume.close()),
      };
    }
    case "temp":
      return {
        mount: {
          destination: mount.path,
          kind: "tmpfs",
          ...(mount.sizeBytes === undefined ? {} : { sizeBytes: mount.sizeBytes }),
        },
        close: nothingToKeep,
      };
    case "secret": {
      const secret = await readPlaintext(mount.secret);
      const owner = mount.owner === "" ? { uid: 0, gid: 0 } : lookupOwner(root, mount.owner);
      const path = join(await session.memoryDir(), randomUUID());
      await writeFile(path, secret, { mode: 0o600 });
      await chown(path, owner.uid, owner.gid);
      await chmod(path, mount.mode);
      return {
        mount: { destination: mount.path, kind: "bind", source: path, readOnly: true },
        secret,
        close: async () => void (await rm(path, { force: true })),
      };
    }
  }
}

/** A folder that is mounted later does not cover a secret below it. */
function secretsLast(opened: readonly OpenMount[]): readonly OpenMount[] {
  const isSecret = (mount: OpenMount) => Number(mount.secret !== undefined);
  return opened.toSorted((a, b) => isSecret(a) - isSecret(b));
}

/** The last mount that covers the path, or the root. */
function locate(root: string, opened: readonly OpenMount[], path: string): Located {
  const covering = opened.findLast(
    ({ mount }) => mount?.kind === "bind" && isAtOrBelow(path, mount.destination),
  )?.mount;
  if (covering === undefined) return { root, path };
  const source = covering.source as string;
  if (path === covering.destination) return { root: dirname(source), path: `/${posix.basename(source)}` };
  return { root: source, path: path.slice(covering.destination === "/" ? 0 : covering.destination.length) };
}
