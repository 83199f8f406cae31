import { randomUUID } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { basename, join } from "node:path";
import { messageOf } from "../api/errors.ts";
import { Graph } from "../api/graph.ts";
import { ServiceRuns } from "../api/service-runs.ts";
import type { HostView, Session, SessionEvent } from "../api/session.ts";
import { findWorkspace } from "../api/workspace-view.ts";
import { Images } from "../image/images.ts";
import { engineFields } from "../module/engine-fields.ts";
import { type Client, SessionServer } from "../protocol/server.ts";
import { boundsOf } from "../run/bounds.ts";
import { runMountProgram } from "../run/command.ts";
import { createSessionNetwork } from "../run/network.ts";
import { closeDevicesBelow, RunHost, sweepLeftovers } from "../run/run-host.ts";
import { CrunRuntime } from "../run/runtime.ts";
import { SecretIndex } from "../run/secret-index.ts";
import { makeFolders } from "../store/folders.ts";
import { isOffline } from "../store/offline.ts";
import { unmount } from "../store/overlay.ts";
import { damageNotice } from "../store/records.ts";
import { Store } from "../store/store.ts";
import { storeDir } from "../store/system-words.ts";
import { storeLimit } from "../upkeep/limit.ts";
import { keepWithin } from "../upkeep/prune.ts";
import type { Place } from "../upkeep/sizes.ts";
import { waitForPruning } from "../upkeep/sole-use.ts";
import { ENGINE_BUILD } from "./engine-build.ts";
import { hidingReport } from "./hiding-report.ts";
import { StoreCache } from "./kept-cache.ts";
import { tellOnce } from "./tell-once.ts";

export interface SessionOptions {
  readonly host: HostView;
  /** Where the repository is looked for that the command is about. Absent: in the host's working directory. */
  readonly workspaceDir?: string;
  readonly interrupted: Promise<void>;
  readonly report: (event: SessionEvent) => void;
  /** See `RunHost.open`: needed where the engine runs from its source. */
  readonly relayAgent?: readonly string[];
}

/** A session with all that it needs of this machine. Nothing is started before it is used. */
export interface OpenSession {
  readonly session: Session;
  readonly graph: Graph;
  readonly server: SessionServer;
  /** Another view of the same session, for a program of its own; the answer is its token. */
  addClient(client: Client): string;
  /** A folder with the server's socket `engine.sock` and nothing else, for processes that have no network of the host. */
  socketDir(): Promise<string>;
  close(): Promise<void>;
}

export async function openSession(options: SessionOptions): Promise<OpenSession> {
  const hidden = new SecretIndex();
  const report = hidingReport(hidden, options.report);
  const dir = storeDir(options.host.env);
  const offline = isOffline(options.host.env);
  const [runDir, scratchDir] = [join(dir, "run"), join(dir, "scratch")];
  makeFolders(runDir, 0o700);
  const limit = storeLimit(dir, options.host.env);
  const openDevices = await closeDevicesBelow(dir);
  for (const used of [runDir, scratchDir]) sweepLeftovers(used);
  const { relayAgent } = options;
  const runHost = RunHost.open({ runDir, ...(relayAgent === undefined ? {} : { relayAgent }) });
  await waitForPruning(dir);
  // Not below the folder of the run, which is in memory: layers are renamed from here to their place.
  const onLine = (text: string) => report({ kind: "note", text });
  const onDamage = damageNotice(onLine);
  const store = new Store(dir, join(scratchDir, basename(runHost.dir)), ENGINE_BUILD, onDamage, offline);
  const onUnbounded = (problem: string) =>
    tellOnce(dir, `container memory is not limited on this machine: ${problem}`, onLine);
  const { env } = options.host;
  const runtime = new CrunRuntime(runHost, boundsOf(env), env, onUnbounded, store);
  const services = new ServiceRuns();
  const network = createSessionNetwork(runHost, onLine, offline);
  const images = new Images({ storeDir: dir, onLine, onDamage, offline });
  const server = new SessionServer();
  const place: Place = { storeDir: dir, runDir: runHost.dir, scratch: scratchDir };
  const kept = new StoreCache(place, limit);
  let memory: Promise<string> | undefined;
  let socket: Promise<string> | undefined;
  const session: Session = {
    store,
    images,
    network,
    services,
    kept,
    start: (spec) => runtime.startContainer(spec),
    host: options.host,
    offline,
    workspace: findWorkspace(options.workspaceDir ?? options.host.workdir),
    secrets: new Map(),
    hidden,
    memoryDir: () => {
      memory ??= mountMemory(join(store.scratch, "memory"));
      return memory;
    },
    interrupted: options.interrupted,
    report,
  };
  const graph = new Graph(engineFields, session, store.privateKey("id-key")) as Graph;
  return {
    session,
    graph,
    server,
    addClient: (client) => {
      const token = randomUUID();
      server.addClient(token, client);
      return token;
    },
    socketDir: () => {
      socket ??= listenInFolder(server, join(store.scratch, "socket"));
      return socket;
    },
    close: async () => {
      const [failed] = await tryAll([
        () => server.close(),
        () => services.close(),
        () => network.close(),
        // What still runs was interrupted. It ends before its files and control groups are taken away.
        () => runHost.anchor.stop(),
        async () => memory && (await unmount(await memory)),
        () => store.close(),
        () => keepUp("the store could not be pruned", () => kept.pruneAtEnd(onLine), onLine),
        () => keepUp("the store could not be kept within its limit", () => keepWithin(place, limit, onLine), onLine),
        () => runtime.close(),
        () => runHost.close(),
        () => openDevices(),
        // Steps that were in the middle of their work may have made something of their own meanwhile.
        () => store.close(),
      ]);
      if (failed !== undefined) throw failed;
    },
  };
}

/** Does all of it, one after the other, whatever becomes of each, so that what can be taken away is. */
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

/** Listens on `engine.sock` in the folder. The path of a socket may have 107 bytes only, that of the folder any number. */
async function listenInFolder(server: SessionServer, dir: string): Promise<string> {
  makeFolders(dir);
  const folder = openSync(dir, "r");
  try {
    await server.listenOn(`/proc/self/fd/${folder}/engine.sock`);
  } finally {
    closeSync(folder);
  }
  return dir;
}

/** A folder that is only in memory. */
async function mountMemory(dir: string): Promise<string> {
  makeFolders(dir, 0o700);
  const args = ["mount", "-t", "tmpfs", "-o", "mode=0755,size=64m,nosuid,nodev", "slipway-secrets", dir];
  await runMountProgram(`no memory for secrets could be mounted at ${dir}`, args);
  return dir;
}
