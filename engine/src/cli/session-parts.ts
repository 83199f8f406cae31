import { basename, join } from "node:path";
import { messageOf } from "../api/errors.ts";
import { OpenContainers } from "../api/open-containers.ts";
import { ServiceRuns } from "../api/service-runs.ts";
import type { HostView } from "../api/session.ts";
import { Images } from "../image/images.ts";
import type { SessionServer } from "../protocol/server.ts";
import { boundsOf } from "../run/bounds.ts";
import { createSessionNetwork } from "../run/network.ts";
import { closeDevicesBelow, RunHost, sweepLeftovers } from "../run/run-host.ts";
import { CrunRuntime } from "../run/runtime.ts";
import { makeFolders } from "../store/folders.ts";
import { isOffline } from "../store/offline.ts";
import { refusePartsElsewhere } from "../store/one-disk.ts";
import { unmount } from "../store/overlay.ts";
import { damageNotice } from "../store/records.ts";
import { Store } from "../store/store.ts";
import { storeDir } from "../store/system-words.ts";
import { storeLimit } from "../upkeep/limit.ts";
import { keepWithin } from "../upkeep/prune.ts";
import type { Place } from "../upkeep/sizes.ts";
import { waitForPruning } from "../upkeep/sole-use.ts";
import { ENGINE_BUILD } from "./engine-build.ts";
import { StoreCache } from "./kept-cache.ts";
import { tellOnce } from "./tell-once.ts";

/** What a session takes of this machine, and has to give back. */
export interface SessionParts {
  readonly offline: boolean;
  readonly place: Place;
  /** How large the store may be when the session has ended. */
  readonly limit: ReturnType<typeof storeLimit>;
  readonly store: Store;
  readonly kept: StoreCache;
  readonly images: Images;
  readonly runHost: RunHost;
  readonly runtime: CrunRuntime;
  readonly services: ServiceRuns;
  readonly containers: OpenContainers;
  readonly network: ReturnType<typeof createSessionNetwork>;
  /** Lets this machine's devices into folders of the store again. */
  readonly openDevices: Awaited<ReturnType<typeof closeDevicesBelow>>;
  /** Tells the person a line. */
  readonly tell: (line: string) => void;
}

/** Takes them. Nothing is started before it is used. */
export async function openParts(
  { host, relayAgent }: { readonly host: HostView; readonly relayAgent?: readonly string[] },
  tell: (line: string) => void,
): Promise<SessionParts> {
  const { env } = host;
  const dir = storeDir(env);
  const offline = isOffline(env);
  const [runDir, scratchDir] = [join(dir, "run"), join(dir, "scratch")];
  makeFolders(runDir, 0o700);
  refusePartsElsewhere(dir);
  const limit = storeLimit(dir, env);
  const openDevices = await closeDevicesBelow(dir);
  sweepLeftovers(runDir, scratchDir);
  const runHost = RunHost.open({ runDir, ...(relayAgent === undefined ? {} : { relayAgent }) });
  await waitForPruning(dir);
  const onDamage = damageNotice(tell);
  // Not below the folder of the run, which is in memory: layers are renamed from here to their place.
  const store = new Store(dir, join(scratchDir, basename(runHost.dir)), ENGINE_BUILD, onDamage, offline);
  const onUnbounded = (problem: string) =>
    tellOnce(dir, `container memory is not limited on this machine: ${problem}`, tell);
  const place: Place = { storeDir: dir, runDir: runHost.dir, scratch: scratchDir };
  return {
    offline,
    place,
    limit,
    store,
    kept: new StoreCache(place, limit),
    images: new Images({ storeDir: dir, onLine: tell, onDamage, offline }),
    runHost,
    runtime: new CrunRuntime(runHost, boundsOf(env), env, onUnbounded, store),
    services: new ServiceRuns(),
    containers: new OpenContainers(),
    network: createSessionNetwork(runHost, tell, offline),
    openDevices,
    tell,
  };
}

/**
 * Gives all of it back, one after the other, whatever becomes of each, so that what can be taken away is.
 *
 * @param memory where secrets were mounted, if they were until then
 * @throws the first of the errors, when all is done
 */
export async function closeParts(
  parts: SessionParts,
  server: Pick<SessionServer, "close">,
  memory: () => Promise<string> | undefined,
): Promise<void> {
  const { store, kept, runHost, runtime, place, limit, tell } = parts;
  const [failed] = await tryAll([
    () => server.close(),
    () => parts.services.close(),
    () => parts.network.close(),
    // What still runs was interrupted. It ends before its files and control groups are taken away.
    () => runHost.anchor.stop(),
    () => parts.containers.close(CLOSING_MS),
    async () => {
      const mounted = await memory();
      if (mounted !== undefined) await unmount(mounted);
    },
    () => store.close(),
    () => keepUp("the store could not be pruned", () => kept.pruneAtEnd(tell), tell),
    () => keepUp("the store could not be kept within its limit", () => keepWithin(place, limit, tell), tell),
    () => runtime.close(),
    () => runHost.close(),
    () => parts.openDevices(),
    // Steps that were in the middle of their work may have made something of their own meanwhile.
    () => store.close(),
  ]);
  if (failed !== undefined) throw failed;
}

/**
 * How long containers that were interrupted may take to give back what they had. A command waits 10 s for the end of its session:
 * what comes after them has to be given back within that as well.
 */
const CLOSING_MS = 5_000;

/** What the steps failed with. */
async function tryAll(steps: readonly (() => unknown)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

/** What is only upkeep must not make a command fail that has done its work. */
async function keepUp(failure: string, work: () => Promise<void>, tell: (line: string) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    tell(`${failure}: ${messageOf(error)}`);
  }
}
