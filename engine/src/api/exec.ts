import { dirname, posix } from "node:path";
import type { ContainerSpec, NetworkLease } from "../run/container.ts";
import { bringsAuthorities } from "../run/host-certificates.ts";
import { makeOwnedFolders } from "../store/edit.ts";
import { cleanPath, isAtOrBelow, PathError } from "../store/paths.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { lookupUser, type UserIdentity } from "../store/users.ts";
import { ApiError, ExecFailure } from "./errors.ts";
import { type OpenMount, openMount, openSocket, secretsLast } from "./open-mounts.ts";
import { readPlaintext } from "./secret.ts";
import type { Session } from "./session.ts";
import type { ContainerValue } from "./values.ts";

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
  /** Its programs are told of the certificates that this machine's environment names, whichever they are. */
  readonly trustsHost?: true;
}

/** What of a command is left unsaid. */
export const PLAIN_COMMAND = {
  insecureRootCapabilities: false,
  noInit: false,
  stdin: "",
  redirectStdin: "",
  redirectStdout: "",
  redirectStderr: "",
} as const;

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
  const sockets: OpenMount[] = [];
  const closeAll = async (keep: boolean) => {
    const snapshots: (Snapshot | undefined)[] = [];
    for (const socket of sockets) await socket.close(keep);
    for (const mount of opened) snapshots.push(await mount.close(keep));
    const rootfs = keep ? await root.commit() : await root.discard();
    return { rootfs: rootfs ?? container.rootfs, mounts: snapshots };
  };
  try {
    const user = userOf(root.root, container.user);
    for (const mount of container.mounts) opened.push(await openMount(session, root.root, mount));
    for (const socket of container.sockets) sockets.push(await openSocket(session, socket));
    const laid = [...secretsLast(opened), ...sockets];
    const mounts = laid.flatMap((mount) => (mount.mount === undefined ? [] : [mount.mount]));
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
      ...(command.trustsHost === true || bringsAuthorities(command.args) ? { trustsHost: true } : {}),
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
