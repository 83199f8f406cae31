import type { Session } from "../api/session.ts";
import type { ContainerSpec, NetworkPlace } from "../run/container.ts";
import type { Snapshot } from "../store/snapshot.ts";
import type { OpenLayer } from "../store/store.ts";
import { SOCKET_DIR } from "./paths-inside.ts";
import { RUNTIME_NODE_VERSION } from "./runtime-files.ts";

/** The variables of the image of the real runtime. */
export const RUNTIME_ENV = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  NODE_VERSION: RUNTIME_NODE_VERSION,
  NODE_OPTIONS: "--use-openssl-ca",
} as const;

/** A container of the module runtime, ready to start: nothing of the caller's machine or environment is in it. */
export interface Sandbox<Place extends NetworkPlace = NetworkPlace> {
  readonly spec: ContainerSpec & { readonly network: Place };
  close(): Promise<void>;
}

/**
 * Opens a throw-away copy of `root`.
 *
 * @param place where it is in the network
 * @param options.socketDir folder with the engine's socket; without it the process cannot reach the engine
 */
export async function openSandbox<Place extends NetworkPlace>(
  session: Session,
  root: Snapshot,
  place: Promise<Place>,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly socketDir?: string } = {},
): Promise<Sandbox<Place>> {
  const [layer, network] = await openBoth(session, root, place);
  const spec: Sandbox<Place>["spec"] = {
    rootDir: layer.root,
    args,
    env: { ...RUNTIME_ENV, HOME: "/root", ...options.env },
    cwd: "/scratch",
    user: { uid: 0, gid: 0, groups: [] },
    hostname: "dagger",
    mounts:
      options.socketDir === undefined
        ? []
        : [{ destination: SOCKET_DIR, kind: "bind", source: options.socketDir, readOnly: true }],
    network,
    insecureRootCapabilities: false,
    noInit: true,
  };
  return {
    spec,
    close: async () => {
      await Promise.all([layer.discard(), network.release()]);
    },
  };
}

async function openBoth<Place extends NetworkPlace>(
  session: Session,
  root: Snapshot,
  place: Promise<Place>,
): Promise<[OpenLayer, Place]> {
  const [layer, network] = await Promise.allSettled([session.store.open(root), place]);
  if (layer.status === "fulfilled" && network.status === "fulfilled") return [layer.value, network.value];
  if (layer.status === "fulfilled") await layer.value.discard();
  if (network.status === "fulfilled") await network.value.release();
  throw layer.status === "rejected" ? layer.reason : (network as PromiseRejectedResult).reason;
}
