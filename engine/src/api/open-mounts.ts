import { randomUUID } from "node:crypto";
import { chmod, chown, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerMount } from "../run/container.ts";
import { forwardSocket } from "../run/forward-socket.ts";
import { resolveInside } from "../store/inside.ts";
import { keepPrivate } from "../store/private.ts";
import type { Snapshot } from "../store/snapshot.ts";
import type { OpenLayer } from "../store/store.ts";
import { lookupOwner } from "../store/users.ts";
import { type OpenVolume, openVolume } from "./cache-volume.ts";
import type { SocketValue } from "./host.ts";
import { readPlaintext } from "./secret.ts";
import type { Session } from "./session.ts";
import type { MountValue, SocketMount } from "./values.ts";

/** Something that is laid over a path while a process runs. */
export interface OpenMount {
  readonly mount: ContainerMount | undefined;
  readonly secret?: Buffer;
  close(keep: boolean): Promise<Snapshot | undefined>;
}

const nothingToKeep = async () => undefined;

/** @param root of the container, for owners by name */
export async function openMount(session: Session, root: string, mount: MountValue): Promise<OpenMount> {
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

/** A socket of the container's own, behind which is that of the host. */
export async function openSocket(session: Session, { path, socket, owner }: SocketMount): Promise<OpenMount> {
  // What answers behind it may be an agent with keys.
  keepPrivate();
  const place = join(await session.memoryDir(), randomUUID());
  const target = await socket.value<SocketValue>();
  const forward = await forwardSocket(place, target.path, owner);
  return {
    mount: { destination: path, kind: "bind", source: place },
    close: async () => void (await forward.close()),
  };
}

/** A folder that is mounted later does not cover a secret below it. */
export function secretsLast(opened: readonly OpenMount[]): readonly OpenMount[] {
  const isSecret = (mount: OpenMount) => Number(mount.secret !== undefined);
  return opened.toSorted((a, b) => isSecret(a) - isSecret(b));
}
