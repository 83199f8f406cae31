import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Catalogue, coreCatalogue } from "../../engine/src/api/catalogue.ts";
import { serveModules } from "../../engine/src/module/serve.ts";
import { readServedSources } from "../../engine/src/module/served-sources.ts";
import { type Answer, answer } from "../../engine/src/protocol/query.ts";
import { sessionModules } from "./served-module.ts";
import { openTestSession } from "./test-session.ts";
import { writeFiles } from "./write-files.ts";

/** A session in which queries are asked as cases have them. */
export interface CaseSession {
  /** @param by who asks: the command, or a function of a module that does nothing else */
  ask(query: string, by?: "function"): Promise<Answer["body"]>;
  close(): Promise<void>;
}

const ASKER = `
import { func, object } from "@dagger.io/dagger";
@object()
export class Asker {
  @func({ cache: "never" }) async ask(query: string): Promise<string> {
    const authorization = "Basic " + btoa(process.env.DAGGER_SESSION_TOKEN + ":");
    const answer = await fetch("http://127.0.0.1:" + process.env.DAGGER_SESSION_PORT + "/query", {
      method: "POST", headers: { "content-type": "application/json", authorization }, body: JSON.stringify({ query }),
    });
    return await answer.text();
  }
}
`;

/** Opens a session in a folder; a module that lies there is the session's own. */
export async function openCaseSession(options: Parameters<typeof openTestSession>[0]): Promise<CaseSession> {
  const { workdir } = options;
  const open = await openTestSession(options);
  const modules = sessionModules(open);
  let served: Promise<() => Catalogue> | undefined;
  const serve = async (): Promise<() => Catalogue> => {
    if (!existsSync(join(workdir, "dagger.json"))) return () => modules.catalogueFor(open.graph, coreCatalogue);
    return (await serveModules(modules, readServedSources(workdir, false))).catalogue;
  };
  const askItself = async (query: string) => {
    served ??= serve();
    return (await answer(open.graph, (await served)(), { query })).body;
  };
  let asker: Promise<unknown> | undefined;
  const serveAsker = async () => {
    const config = { name: "asker", engineVersion: "v0.21.8", sdk: "typescript" };
    writeFiles(join(workdir, "asker"), { "dagger.json": JSON.stringify(config), "src/index.ts": ASKER });
    await askItself(`{ moduleSource(refString: "asker") { asModule { serve } } }`);
  };
  return {
    ask: async (query, by) => {
      if (by === undefined) return await askItself(query);
      asker ??= serveAsker();
      await asker;
      const { data, errors } = await askItself(`{ asker { ask(query: ${JSON.stringify(query)}) } }`);
      if (errors !== undefined) return { errors };
      return JSON.parse((data as { asker: { ask: string } }).asker.ask) as Answer["body"];
    },
    close: async () => {
      await modules.close();
      await open.close();
    },
  };
}
