import { posix } from "node:path";
import { changeOwnerInside } from "../store/edit.ts";
import { isAtOrBelow } from "../store/paths.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { lookupOwner } from "../store/users.ts";
import { flag, object, text } from "./arguments.ts";
import { volumeIdentity } from "./cache-volume.ts";
import { absolutePath, changes, expandArgument, pathArgument, reads } from "./container.ts";
import type { Args, Fields, Graph } from "./graph.ts";
import { sessionOf } from "./session.ts";
import type {
  CacheVolumeValue,
  ContainerValue,
  DirectoryValue,
  FileValue,
  MountPlace,
  MountValue,
  SocketMount,
} from "./values.ts";

/** What is laid over paths of a container: directories, files, caches, temporary folders, secrets, sockets. */
export const containerMountFields: Fields = {
  Container: {
    withMountedDirectory: changes(async (c, args, graph) => {
      const source = await object(args["source"]).value<DirectoryValue>();
      const owned = await ownedBy(graph, c, source, text(args["owner"]));
      return withMount(c, {
        kind: "directory",
        ...placeArgument(c, args),
        source: owned,
        readOnly: flag(args["readOnly"]),
      });
    }),
    withMountedFile: changes(async (c, args, graph) => {
      const source = await object(args["source"]).value<FileValue>();
      const owned = await ownedBy(graph, c, source, text(args["owner"]));
      return withMount(c, { kind: "file", ...placeArgument(c, args), source: owned });
    }),
    withMountedCache: changes(async (c, args) => {
      const cache = object(args["cache"]);
      const volume = await cache.value<CacheVolumeValue>();
      const sourceObject = args["source"] === undefined ? volume.source : object(args["source"]);
      const source = await sourceObject?.value<DirectoryValue>();
      const sharing = text(args["sharing"], volume.sharing ?? "SHARED") as "SHARED" | "PRIVATE" | "LOCKED";
      const owner = text(args["owner"], volume.owner);
      const identity = volumeIdentity([volume.key, sharing, owner, (await sourceObject?.key()) ?? null]);
      return withMount(c, { kind: "cache", ...placeArgument(c, args), cache: { identity, sharing, owner, source } });
    }),
    withMountedTemp: changes((c, args) =>
      withMount(c, {
        kind: "temp",
        ...placeArgument(c, args),
        sizeBytes: args["size"] as number | undefined,
      }),
    ),
    withMountedSecret: changes((c, args) =>
      withMount(c, {
        kind: "secret",
        ...placeArgument(c, args),
        secret: object(args["source"]),
        owner: text(args["owner"]),
        mode: (args["mode"] as number | undefined) ?? 0o400,
      }),
    ),
    withUnixSocket: changes(async (c, args, graph) => {
      const owner = text(args["owner"]);
      return withSocket(c, {
        path: pathArgument(c, args),
        socket: object(args["source"]),
        owner: owner === "" ? ROOT : lookupOwner(await sessionOf(graph).store.view(c.rootfs), owner),
      });
    }),
    withoutUnixSocket: changes((c, args) => {
      const path = pathArgument(c, args);
      return { ...c, sockets: c.sockets.filter((other) => other.path !== path) };
    }),
    withoutMount: changes((c, args) => {
      const { target } = placeArgument(c, args);
      return { ...c, mounts: c.mounts.filter((mount) => mount.target !== target) };
    }),
    mounts: reads((c) => c.mounts.filter((mount) => mount.kind !== "secret").map((mount) => mount.target)),
  },
};

function placeArgument(container: ContainerValue, args: Args): MountPlace {
  const given = expandArgument(container, args, text(args["path"]));
  const path = absolutePath(container, given);
  return { path, target: given.startsWith("/") ? given : path };
}

/** What is mounted there or below goes. A secret below stays: it is laid over all the others. */
export function withMount(container: ContainerValue, mount: MountValue): ContainerValue {
  const stay = container.mounts.filter(
    ({ kind, target }) => target !== mount.target && (kind === "secret" || !target.startsWith(`${mount.target}/`)),
  );
  return { ...container, mounts: [...stay, mount] };
}

const ROOT = { uid: 0, gid: 0 };

/** The one that was there keeps its place. */
function withSocket(container: ContainerValue, socket: SocketMount): ContainerValue {
  const { sockets } = container;
  const isNew = !sockets.some(({ path }) => path === socket.path);
  return {
    ...container,
    sockets: isNew ? [...sockets, socket] : sockets.map((other) => (other.path === socket.path ? socket : other)),
  };
}

/** The same tree with another owner for all that is in it; owners by name are those of the container. */
async function ownedBy<V extends DirectoryValue | FileValue>(
  graph: Graph,
  container: ContainerValue,
  value: V,
  owner: string,
): Promise<V> {
  if (owner === "") return value;
  const { store } = sessionOf(graph);
  const { uid, gid } = lookupOwner(await store.view(container.rootfs), owner);
  const snapshot = await store.once(["chown", value.snapshot, value.path, uid, gid], () =>
    store.change(value.snapshot, (root) => changeOwnerInside(root, value.path, { uid, gid })),
  );
  return { ...value, snapshot };
}

/** Where a path of a container really is: in its root, or in one of the trees laid over it. */
export interface Place {
  readonly snapshot: Snapshot;
  /** Path inside the snapshot. */
  readonly path: string;
  /** The mount it belongs to; undefined: the root. */
  readonly mount: (MountValue & { kind: "directory" | "file" }) | undefined;
}

/** @returns the kind of mount when the path is in one that has no content of the container's own */
export function placeOf(container: ContainerValue, path: string): Place | "cache" | "temp" | "secret" {
  // The last mount that covers the path wins, as it does when they are mounted in their order.
  const mount = container.mounts.findLast((m) => isAtOrBelow(path, m.path));
  if (mount === undefined) return { snapshot: container.rootfs, path, mount: undefined };
  if (mount.kind === "directory") {
    const below = posix.join(mount.source.path, path.slice(mount.path === "/" ? 0 : mount.path.length));
    return { snapshot: mount.source.snapshot, path: below === "" ? "/" : below, mount };
  }
  if (mount.kind === "file") return { snapshot: mount.source.snapshot, path: mount.source.path, mount };
  return mount.kind;
}

/** The container after the tree that `place` is in has become `snapshot`. */
export function withPlace(container: ContainerValue, place: Place, snapshot: Snapshot): ContainerValue {
  if (place.mount === undefined) return { ...container, rootfs: snapshot };
  const changed = place.mount;
  return {
    ...container,
    mounts: container.mounts.map((mount) =>
      mount === changed ? ({ ...changed, source: { ...changed.source, snapshot } } as MountValue) : mount,
    ),
  };
}
