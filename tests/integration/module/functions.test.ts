import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ApiError } from "../../../engine/src/api/errors.ts";
import { Obj } from "../../../engine/src/api/graph.ts";
import { type TestCommand, withModule, writeModule } from "../../support/served-module.ts";

const functions = suite("functions of a module");

const dir = mkdtempSync(join(tmpdir(), "slipway-module-"));
const storeDir = join(dir, "store");
const moduleDir = join(dir, "probe");

const SOURCE = `
/** A module for tests. */
import { argument, dag, Directory, func, object, Secret } from "@dagger.io/dagger";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { shout } from "./text.js";

export enum Ring { Canary = "canary", Early = "early" }

@object()
export class Note {
  @func() text: string;
  private made: string;
  constructor(text: string) { this.text = text; this.made = "kept"; }
  @func() more(suffix: string): Note { const note = new Note(this.text + suffix); note.made = this.made + "!"; return note; }
  @func() secretly(): string { return this.made; }
}

@object()
export class Probe {
  @func() name: string;
  source: Directory;
  constructor(
    @argument({ defaultPath: "/", ignore: ["**", "!data/*.txt"] }) source: Directory,
    name: string = "nobody",
  ) { this.source = source; this.name = name; }

  @func() loud(text: string): string { return shout(text); }
  @func() ring(ring: Ring = Ring.Early): Ring { console.log("saw " + ring); return ring; }
  @func() note(text: string): Note { return new Note(text); }
  @func() notes(): Note[] { return [new Note("a"), new Note("b")]; }
  @func() async files(): Promise<string[]> { return this.source.entries({ path: "data" }); }
  @func() count(dir: Directory): Promise<string[]> { return dir.glob("**/*"); }
  @func() stamp(key: string): string { return key + randomUUID(); }
  @func({ cache: "never" }) fresh(): string { return randomUUID(); }
  @func({ cache: "session" }) once(): string { return randomUUID(); }
  @func() made(): Directory { return dag.directory().withNewFile("a.txt", "made"); }
  @func({ cache: "never" }) fail(): string { throw new Error("it failed\\nat length"); }
  @func({ cache: "never" }) exit(code: number): string { process.exit(code); }
  @func({ cache: "never" }) missing(): Promise<string> { return dag.directory().file("nope").contents(); }
  @func({ cache: "never" }) place(): string[] { return [process.cwd(), import.meta.url, String(process.argv.length), process.env.HOME ?? ""]; }
  @func({ cache: "never" }) variables(): string[] { return Object.keys(process.env).sort(); }
  @func({ cache: "never" }) length(token: Secret): Promise<string> { return token.plaintext(); }
  @func({ cache: "never" }) steal(uri: string): Promise<string> { return dag.secret(uri).plaintext(); }
  @func({ cache: "never" }) smuggle(uri: string): Secret { return dag.secret(uri); }
  @func({ cache: "never" }) read(path: string): Promise<string> { return dag.host().file(path).contents(); }
  @func({ cache: "never" }) own(): string { return readFileSync("/src/ci/src/text.ts", "utf8").trim(); }
  @func({ cache: "never" }) async sources(): Promise<string[]> { return dag.currentModule().source().entries(); }
  @func({ cache: "never" }) async loaded(): Promise<string[]> {
    await dag.currentModule().name();
    const parts = (process as unknown as { moduleLoadList: string[] }).moduleLoadList;
    return parts.filter((part) => /undici|http2$/.test(part));
  }
  @func({ cache: "never" }) async withHeaders(): Promise<string> {
    const headers = new Headers({ "x-own": "1" });
    dag.getGQLClient().setHeaders({ ...dag.getGQLClient().requestConfig.headers, ...Object.fromEntries(headers) });
    const known = await dag.getGQLClient().request("{ version }", {}, new Headers({ "x-more": "2" }));
    return typeof (known as { version: string }).version;
  }
  @func({ cache: "never" }) async registry(): Promise<string> { return dag.currentModule().name(); }
}
`;

functions.before(() => {
  writeModule(moduleDir, "probe", SOURCE, {
    "ci/src/text.ts": "export const shout = (text: string): string => text.toUpperCase();\n",
    "data/a.txt": "a",
    "data/b.md": "b",
    "secret.txt": "outside",
  });
});

functions.after(() => rmSync(dir, { recursive: true, force: true }));

function inCommand<T>(use: (command: TestCommand) => Promise<T>, env: Record<string, string> = {}): Promise<T> {
  return withModule({ storeDir, moduleDir, env }, use);
}

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, ApiError);
    return error as ApiError;
  }
  throw new Error("it did not fail");
}

functions("take no part of Node for their requests but http, and requests take Node's own headers", async () => {
  await withModule({ storeDir, moduleDir }, async ({ call }) => {
    assert.equal(await call(["loaded"]), []);
    assert.is(await call(["withHeaders"]), "string");
  });
});

functions("take and give values of every kind, and what they print is for those who watch", async () => {
  await inCommand(async ({ call, query, events }) => {
    assert.is(await call(["loud", { text: "x" }]), "X");
    assert.is(await call(["ring"]), "EARLY");
    assert.is(await call(["ring", { ring: "CANARY" }]), "CANARY");
    const logged = events.flatMap((event) => (event.kind === "log" ? [event.text.trim()] : []));
    assert.equal(logged, ["saw early", "saw canary"]);
    assert.equal(await query('{ loud(text: "y") notes { text } name }'), {
      data: { loud: "Y", notes: [{ text: "a" }, { text: "b" }], name: "nobody" },
    });
  });
});

functions("chain on objects, which keep their private state", async () => {
  await inCommand(async ({ call }) => {
    const chain = [
      ["note", { text: "a" }],
      ["more", { suffix: "b" }],
    ] as const;
    assert.is(await call(...chain, ["text"]), "ab");
    assert.is(await call(...chain, ["secretly"]), "kept!");
  });
});

functions("see the files of the module's folder that the signature asks for, and no others", async () => {
  await inCommand(async ({ call }) => {
    assert.equal(await call(["files"]), ["a.txt"]);
    assert.equal(await call(["sources"]), ["package.json", "src/"]);
  });
});

functions("take objects of the command and give objects to it", async () => {
  await inCommand(async ({ call, open: { graph } }) => {
    const made = await call(["made"]);
    assert.instance(made, Obj);
    assert.equal(await call(["count", { dir: made }]), ["a.txt"]);
    const again = graph.decode(await (made as Obj).id());
    assert.is(await again.key(), await (made as Obj).key());
  });
});

functions("are remembered from command to command, by their arguments, unless they say otherwise", async () => {
  const ask = () =>
    inCommand(async ({ call }) => ({
      a: await call(["stamp", { key: "a" }]),
      b: await call(["stamp", { key: "b" }]),
      fresh: await call(["fresh"]),
      once: [await call(["once"]), await call(["once"])],
    }));
  const [first, second] = [await ask(), await ask()];
  assert.is(first.a, second.a);
  assert.is(first.b, second.b);
  assert.is.not(first.a, first.b);
  assert.is.not(first.fresh, second.fresh);
  assert.is(first.once[0], first.once[1]);
  assert.is.not(first.once[0], second.once[0]);
});

functions("that run at the same time with equal arguments run once", async () => {
  await inCommand(async ({ call }) => {
    const [first, second] = await Promise.all([call(["stamp", { key: "same" }]), call(["stamp", { key: "same" }])]);
    assert.is(first, second);
  });
});

functions("fail with the message of what was thrown", async () => {
  await inCommand(async ({ call }) => {
    assert.is((await failureOf(call(["fail"]))).message, "it failed\nat length");
    assert.is((await failureOf(call(["missing"]))).message, "stat nope: no such file or directory");
  });
});

functions("that end their process fail with its exit code, or for having said nothing", async () => {
  await inCommand(async ({ call }) => {
    const three = await failureOf(call(["exit", { code: 3 }]));
    assert.is(three.message, 'call function "exit": exit code: 3');
    assert.is(three.extensions?.["exitCode"], 3);
    const none = await failureOf(call(["exit", { code: 0 }]));
    assert.is(none.message, 'function "exit" completed without returning a value');
  });
});

functions("find themselves where the real runtime puts them, with nothing of the caller's environment", async () => {
  await inCommand(
    async ({ call }) => {
      assert.equal(await call(["place"]), ["/scratch", "file:///src/ci/src/index.ts", "2", "/root"]);
      assert.equal(await call(["variables"]), [
        "DAGGER_ENGINE_NUM_CPU",
        "DAGGER_SESSION_PORT",
        "DAGGER_SESSION_TOKEN",
        "HOME",
        "NODE_OPTIONS",
        "NODE_VERSION",
        "PATH",
      ]);
      assert.match((await call(["own"])) as string, "export const shout");
    },
    { PRIVATE: "x" },
  );
});

functions("get the secret that they are given, and no other one of the machine", async () => {
  const env = { TOKEN: "given-value", OTHER: "other-value" };
  await inCommand(async ({ call, open: { graph } }) => {
    const secret = (uri: string) => graph.object("Secret", { parent: graph.root, field: "secret", args: { uri } });
    assert.is(await call(["length", { token: secret("env://TOKEN") }]), "given-value");
    assert.match((await failureOf(call(["steal", { uri: "env://OTHER" }]))).message, "secret env var not found");
    assert.match((await failureOf(call(["steal", { uri: "cmd://id" }]))).message, "which it was not given");
    assert.match((await failureOf(call(["smuggle", { uri: "env://OTHER" }]))).message, "which it was not given");
    assert.match((await failureOf(call(["read", { path: join(moduleDir, "secret.txt") }]))).message, "no such file");
  }, env);
});

functions("of a constructor's object see a changed file of the folder at the next command", async () => {
  const before = await inCommand(({ call }) => call(["files"]));
  writeModule(moduleDir, "probe", SOURCE, { "data/c.txt": "c" });
  const after = await inCommand(({ call }) => call(["files"]));
  assert.equal([before, after], [["a.txt"], ["a.txt", "c.txt"]]);
});

functions.run();
