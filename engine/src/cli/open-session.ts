import { randomUUID } from "node:crypto";
import { closeSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import { Graph } from "../api/graph.ts";
import type { HostView, Session, SessionEvent, TerminalAccess } from "../api/session.ts";
import { findWorkspace } from "../api/workspace-view.ts";
import { engineFields } from "../module/engine-fields.ts";
import { type Client, SessionServer } from "../protocol/server.ts";
import { runMountProgram } from "../run/command.ts";
import { SecretIndex } from "../run/secret-index.ts";
import { makeFolders } from "../store/folders.ts";
import { hidingReport } from "./hiding-report.ts";
import { NO_TERMINAL } from "./lent-terminal.ts";
import { closeParts, openParts } from "./session-parts.ts";

export interface SessionOptions {
  readonly host: HostView;
  /** Where the repository is looked for that the command is about. Absent: in the host's working directory. */
  readonly workspaceDir?: string;
  /** Absent: there is none. */
  readonly terminal?: TerminalAccess;
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
  /**
   * A folder for processes that have no network of the host. The server's socket `engine.sock` is in it, and nothing else, as soon as
   * the session's own network is complete.
   */
  socketDir(): Promise<string>;
  close(): Promise<void>;
}

export async function openSession(options: SessionOptions): Promise<OpenSession> {
  const hidden = new SecretIndex();
  const report = hidingReport(hidden, options.report);
  const parts = await openParts(options, (text) => report({ kind: "note", text }));
  const { store, runtime } = parts;
  const server = new SessionServer();
  let memory: Promise<string> | undefined;
  let socket: Promise<string> | undefined;
  const session: Session = {
    store,
    images: parts.images,
    network: parts.network,
    services: parts.services,
    containers: parts.containers,
    kept: parts.kept,
    start: (spec) => runtime.startContainer(spec),
    host: options.host,
    offline: parts.offline,
    workspace: findWorkspace(options.workspaceDir ?? options.host.workdir),
    secrets: new Map(),
    hidden,
    memoryDir: () => {
      memory ??= mountMemory(join(store.scratch, "memory"));
      return memory;
    },
    terminal: options.terminal ?? NO_TERMINAL,
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
      socket ??= listenInFolder(server, join(store.scratch, "socket"), parts.network.open());
      return socket;
    },
    close: () => closeParts(parts, server, () => memory),
  };
}

/**
 * Listens in the folder, on what becomes `engine.sock`. The path of a socket may have 107 bytes only, that of the folder any number.
 *
 * @param opened where that fails, the socket keeps its first name, and nobody looks for it any more
 */
async function listenInFolder(server: SessionServer, dir: string, opened: Promise<void>): Promise<string> {
  makeFolders(dir);
  const folder = openSync(dir, "r");
  try {
    await server.listenOn(`/proc/self/fd/${folder}/opening.sock`);
  } finally {
    closeSync(folder);
  }
  opened.then(() => renameSync(join(dir, "opening.sock"), join(dir, "engine.sock"))).catch(() => undefined);
  return dir;
}

/** A folder that is only in memory. */
async function mountMemory(dir: string): Promise<string> {
  makeFolders(dir, 0o700);
  const args = ["mount", "-t", "tmpfs", "-o", "mode=0755,size=64m,nosuid,nodev", "slipway-secrets", dir];
  await runMountProgram(`no memory for secrets could be mounted at ${dir}`, args);
  return dir;
}
