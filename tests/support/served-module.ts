import { join, resolve } from "node:path";
import { fieldOf } from "../../engine/src/api/catalogue.ts";
import { type Args, Obj } from "../../engine/src/api/graph.ts";
import type { SessionEvent } from "../../engine/src/api/session.ts";
import type { OpenSession } from "../../engine/src/cli/open-session.ts";
import { engineFields } from "../../engine/src/module/engine-fields.ts";
import { type ServedModules, serveModules } from "../../engine/src/module/serve.ts";
import { readServedSources } from "../../engine/src/module/served-sources.ts";
import { SessionModules } from "../../engine/src/module/session-modules.ts";
import { type Answer, answer } from "../../engine/src/protocol/query.ts";
import { select } from "../../engine/src/protocol/select.ts";
import { openTestSession } from "./test-session.ts";
import { writeFiles } from "./write-files.ts";

/** One command's session with a module in it. */
export interface TestCommand {
  readonly open: OpenSession;
  readonly served: ServedModules;
  readonly events: readonly SessionEvent[];
  /** Constructs the main object and takes one field after the other: `call([{}], ["hello", { name: "x" }])`. */
  call(...steps: readonly (readonly [string, Args?])[]): Promise<unknown>;
  query(text: string): Promise<Answer["body"]>;
  /** A folder of the machine as an argument. */
  directory(path: string): Obj;
}

export interface TestCommandOptions {
  readonly storeDir: string;
  readonly moduleDir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly construct?: Args;
}

/**
 * Writes a module with one file of source below `dir`.
 *
 * @param more other files, from there
 * @param needed modules that it depends on, each in a folder of its name there
 */
export function writeModule(
  dir: string,
  name: string,
  source: string,
  more: Readonly<Record<string, string>> = {},
  needed: readonly string[] = [],
): void {
  const dependencies = needed.length === 0 ? undefined : needed.map((one) => ({ name: one, source: one }));
  const config = { name, engineVersion: "v0.21.8", sdk: { source: "typescript" }, source: "ci", dependencies };
  writeFiles(dir, { "dagger.json": JSON.stringify(config), "ci/src/index.ts": source, ...more });
}

/** Opens a session as a command of its own does, and closes all of it afterwards. */
export async function withModule<T>(
  options: TestCommandOptions,
  use: (command: TestCommand) => Promise<T>,
): Promise<T> {
  const events: SessionEvent[] = [];
  const { moduleDir, storeDir, env = {} } = options;
  const open = await openTestSession({ workdir: moduleDir, storeDir, env, report: (event) => events.push(event) });
  let closeModules = async () => {};
  try {
    const modules = sessionModules(open);
    closeModules = () => modules.close();
    const served = await serveModules(modules, readServedSources(moduleDir, false));
    return await use(commandOf(open, served, events, options.construct ?? {}));
  } finally {
    await closeModules();
    await open.close();
  }
}

/** Lets modules be loaded in a session. */
export function sessionModules(open: OpenSession): SessionModules {
  let socketDir: Promise<string> | undefined;
  const offerSocket = async () => {
    const dir = await open.session.store.makeScratch("socket");
    await open.server.listenOn(join(dir, "engine.sock"));
    return dir;
  };
  return new SessionModules({
    session: open.session,
    graph: open.graph,
    coreFields: engineFields,
    bundlesDir: resolve("engine/dist/module"),
    socketDir: () => {
      socketDir ??= offerSocket();
      return socketDir;
    },
    addClient: (client) => open.addClient(client),
    removeClient: (token) => open.server.removeClient(token),
  });
}

function commandOf(
  open: OpenSession,
  served: ServedModules,
  events: readonly SessionEvent[],
  construct: Args,
): TestCommand {
  const { graph } = open;
  return {
    open,
    served,
    events,
    call: async (...steps) => {
      let on: unknown = await served.construct(construct);
      for (const [name, args = {}] of steps) {
        if (!(on instanceof Obj)) throw new Error(`there is nothing to take ${name} from`);
        const field = fieldOf(served.catalogue(), on.type, name);
        if (field === undefined) throw new Error(`${on.type} has no field ${name}`);
        on = await select(graph, on, on.type, field, args);
      }
      return on;
    },
    directory: (path) => {
      const host = graph.object("Host", { parent: graph.root, field: "host", args: {} });
      return graph.object("Directory", { parent: host, field: "directory", args: { path } });
    },
    query: async (query) => (await answer(graph, served.catalogue(), { query })).body,
  };
}
