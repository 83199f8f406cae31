import { posix } from "node:path";
import { contentDigest } from "../store/content.ts";
import { makeDirectoryInto, writeFileInto } from "../store/edit.ts";
import { useInside } from "../store/inside.ts";
import { cleanPath } from "../store/paths.ts";
import { EMPTY } from "../store/snapshot.ts";
import { text } from "./arguments.ts";
import { volumeIdentity } from "./cache-volume.ts";
import { rememberedExec } from "./container-exec.ts";
import { objectOf, type SentMount, type SentRun, stepKey } from "./dockerfile-sent.ts";
import { PLAIN_COMMAND } from "./exec.ts";
import type { Args, Graph } from "./graph.ts";
import { sessionOf } from "./session.ts";
import { pathIn, rootOf } from "./trees.ts";
import type { ContainerValue, DirectoryValue, MountValue } from "./values.ts";

/** Where the program of a here-document is while it runs. */
const SCRIPT_FOLDER = "/dev/pipes";

function stepOf(args: Args): SentRun {
  return args["step"] as SentRun;
}

/** Names a RUN: what was there before, the command, and the content of what is mounted; of a cache only which one it is. */
export async function runKey(graph: Graph, parent: string, args: Args): Promise<string> {
  const mounts = await Promise.all(
    stepOf(args).mounts.map(async (mount) => {
      if (mount.type === "tmpfs") return null;
      const object = objectOf(args, mount);
      if (mount.type !== "bind") return await object.key();
      const directory = await object.value<DirectoryValue>();
      return await contentDigest(await rootOf(graph, directory), pathIn(directory, mount.source));
    }),
  );
  return stepKey("run", parent, [stepOf(args), mounts]);
}

/** Runs the command; what it writes to mounts is not kept, caches aside. */
export async function runStep(
  graph: Graph,
  container: ContainerValue,
  args: Args,
  key: string,
): Promise<ContainerValue> {
  const step = stepOf(args);
  const { rootfs, stdout, stderr, combined, exitCode } = await rememberedExec(graph, {
    container: await prepared(graph, container, args),
    command: {
      ...PLAIN_COMMAND,
      args: step.args,
      noInit: step.noInit,
      ...(step.hasNetwork ? {} : { hasNoNetwork: true }),
      trustsHost: true,
    },
    expect: "SUCCESS",
    name: text(args["name"]),
    key,
  });
  return { ...container, rootfs, last: { stdout, stderr, combined, exitCode } };
}

async function prepared(graph: Graph, container: ContainerValue, args: Args): Promise<ContainerValue> {
  const step = stepOf(args);
  const script = step.script === undefined ? [] : [await scriptMount(graph, step.script)];
  const isVariable = (mount: SentMount) => mount.type === "secret" && mount.env !== undefined;
  const variables = step.mounts.filter(isVariable);
  const placed = step.mounts.filter((mount) => mount.type !== "ssh" && (!isVariable(mount) || mount.target !== ""));
  const sockets = step.mounts.filter((mount) => mount.type === "ssh");
  return {
    ...container,
    env: new Map(step.env),
    volatileEnv: new Map(args["proxies"] as readonly (readonly [string, string])[]),
    secretEnv: new Map(variables.map((mount) => [mount.env as string, objectOf(args, mount)])),
    user: step.user,
    workdir: step.workdir,
    sockets: sockets.map((mount) => ({
      path: cleanPath(posix.resolve(step.workdir, mount.target)),
      socket: objectOf(args, mount),
      owner: { uid: mount.uid ?? 0, gid: mount.gid ?? 0 },
    })),
    mounts: [...script, ...(await Promise.all(placed.map((mount) => mountOf(graph, args, mount, step.workdir))))],
  };
}

async function scriptMount(graph: Graph, { name, content }: NonNullable<SentRun["script"]>): Promise<MountValue> {
  const { store } = sessionOf(graph);
  const snapshot = await store.once(["dockerfile script", name, content], () =>
    store.change(EMPTY, async (root) => writeFileInto(root, `/${name}`, content, 0o755)),
  );
  return {
    kind: "directory",
    path: SCRIPT_FOLDER,
    target: SCRIPT_FOLDER,
    source: { snapshot, path: "/" },
    readOnly: true,
  };
}

async function mountOf(graph: Graph, args: Args, mount: SentMount, workdir: string): Promise<MountValue> {
  const path = cleanPath(posix.resolve(workdir, mount.target));
  const place = { path, target: path };
  switch (mount.type) {
    case "tmpfs":
      return { kind: "temp", ...place, sizeBytes: mount.size === 0 ? undefined : mount.size };
    case "secret": {
      const owner = `${mount.uid ?? 0}:${mount.gid ?? 0}`;
      return { kind: "secret", ...place, secret: objectOf(args, mount), owner, mode: mount.mode ?? 0o400 };
    }
    case "cache":
      return { kind: "cache", ...place, cache: await cacheOf(graph, args, mount, path) };
    default:
      return { ...place, ...(await bindOf(graph, args, mount)) };
  }
}

async function bindOf(graph: Graph, args: Args, mount: SentMount) {
  const directory = await objectOf(args, mount).value<DirectoryValue>();
  const source = { snapshot: directory.snapshot, path: pathIn(directory, mount.source) };
  const root = await rootOf(graph, directory);
  const isFolder = useInside(root, source.path, { followLast: true }, ({ stat }) => stat.isDirectory());
  return { kind: isFolder ? ("directory" as const) : ("file" as const), source, readOnly: mount.readOnly };
}

/** The volume that BuildKit would take: named by its id, else by where it is mounted. */
async function cacheOf(graph: Graph, args: Args, mount: SentMount, path: string) {
  const key = `/${mount.id === "" ? path : mount.id}`;
  const sharing = (mount.sharing ?? "shared").toUpperCase() as "SHARED" | "PRIVATE" | "LOCKED";
  const source = await cacheSource(graph, args, mount);
  const origin = source === undefined ? null : [await objectOf(args, mount).key(), mount.source, modeKey(mount)];
  const owner = mount.uid === undefined && mount.gid === undefined ? "" : `${mount.uid ?? 0}:${mount.gid ?? 0}`;
  return { identity: volumeIdentity([key, sharing, owner, origin]), sharing, owner, source };
}

function modeKey({ mode, uid, gid }: SentMount): unknown {
  return [mode ?? null, uid ?? null, gid ?? null];
}

/** What a new volume begins with. */
async function cacheSource(graph: Graph, args: Args, mount: SentMount): Promise<DirectoryValue | undefined> {
  const directory = await objectOf(args, mount).value<DirectoryValue>();
  if (mount.source !== "" && cleanPath(mount.source) !== "/") {
    return { snapshot: directory.snapshot, path: pathIn(directory, mount.source) };
  }
  const isGiven = mount.mode !== undefined || mount.uid !== undefined || mount.gid !== undefined;
  if (!isGiven) return directory.snapshot.layers.length === 0 ? undefined : directory;
  const { store } = sessionOf(graph);
  const mode = mount.mode ?? 0o755;
  const owner = { uid: mount.uid ?? 0, gid: mount.gid ?? 0 };
  const snapshot = await store.once(["dockerfile cache", directory.snapshot, mode, owner], () =>
    store.change(directory.snapshot, async (root) => makeDirectoryInto(root, "/cache", mode, owner)),
  );
  return { snapshot, path: "/cache" };
}
