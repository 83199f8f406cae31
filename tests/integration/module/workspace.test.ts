import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Args } from "../../../engine/src/api/graph.ts";
import { type TestCommand, withModule, writeModule } from "../../support/served-module.ts";

const workspace = suite("a workspace");

const dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-workspace-")));
const storeDir = join(dir, "store");
const moduleDir = join(dir, "repository");

// Whatever returns a random text has run when the text is another one.
const SOURCE = `
import { argument, dag, Directory, func, object, Workspace } from "@dagger.io/dagger";
import { randomUUID } from "node:crypto";

@object()
export class Probe {
  private made: Directory;
  constructor(ws: Workspace) { this.made = ws.directory("data", { include: ["kept.txt"] }); }

  @func() stored(): Promise<string> { return this.made.file("kept.txt").contents(); }
  @func() async entries(ws: Workspace, path: string, include: string[] = [], exclude: string[] = [], gitignore: boolean = false): Promise<string[]> {
    return await ws.directory(path, { include, exclude, gitignore }).glob("**");
  }
  @func() async directory(ws: Workspace, path: string): Promise<Directory> { return ws.directory(path); }
  @func() async contents(path: string, ws?: Workspace): Promise<string> { return await ws!.file(path).contents(); }
  @func() async stamp(ws: Workspace, path: string): Promise<string> {
    return (await ws.directory(path).entries()).join() + " " + randomUUID();
  }
  @func() async found(name: string): Promise<string> {
    return String(await dag.currentWorkspace().findUp(name)) + " " + randomUUID();
  }
  @func() async tried(ws: Workspace, path: string): Promise<string> {
    return (await ws.file(path).contents().catch((error) => error.message)) + " " + randomUUID();
  }
  @func() async client(ws: Workspace): Promise<string> { return (await ws.clientId()).length + " " + randomUUID(); }
  @func() async byPart(): Promise<string> { return await dag.part().stamp() + " " + randomUUID(); }
  @func() async handedOn(ws: Workspace): Promise<string> { return await dag.part().count({ ws }); }
  @func() async twice(a: Workspace, b: Workspace): Promise<boolean> { return await a.address() === await b.address(); }
  @func() same(ws: Workspace): Workspace { return ws; }
  @func() listed(all: Workspace[]): number { return all.length; }
}
`;

const PART = `
import { func, object, Workspace } from "@dagger.io/dagger";
@object()
export class Part {
  @func() async stamp(ws: Workspace): Promise<string> { return (await ws.directory("data").entries()).join(); }
  @func() async count(ws: Workspace): Promise<string> { return String((await ws.directory("data").entries()).length); }
}
`;

workspace.before.each(() => {
  rmSync(moduleDir, { recursive: true, force: true });
  writeModule(moduleDir, "probe", SOURCE, {
    "dagger.json": JSON.stringify({
      name: "probe",
      engineVersion: "v0.21.8",
      sdk: "typescript",
      source: "ci",
      dependencies: [{ name: "part", source: "part" }],
    }),
    "part/dagger.json": JSON.stringify({ name: "part", engineVersion: "v0.21.8", sdk: "typescript", source: "." }),
    "part/src/index.ts": PART,
    ".gitignore": "*.log\n",
    "data/kept.txt": "kept",
    "data/deep/a.log": "log",
    "other.txt": "other",
  });
  mkdirSync(join(moduleDir, ".git"));
});

workspace.after(() => rmSync(dir, { recursive: true, force: true }));

function inCommand<T>(use: (command: TestCommand) => Promise<T>): Promise<T> {
  return withModule({ storeDir, moduleDir }, use);
}

/** What the function returns in a command of its own. */
function callOnce(name: string, args: Args = {}): Promise<unknown> {
  return inCommand(({ call }) => call([name, args]));
}

const write = (path: string, text: string): void => writeFileSync(join(moduleDir, path), text);

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => `no error: ${JSON.stringify(value)}`,
    (error: Error) => error.message,
  );

workspace("is given by itself, to functions, constructors and dependencies, also as an optional argument", () =>
  inCommand(async ({ call }) => {
    assert.is(await call(["stored"]), "kept");
    assert.is(await call(["contents", { path: "other.txt" }]), "other");
    assert.equal(await call(["entries", { path: "data" }]), ["deep/", "deep/a.log", "kept.txt"]);
    assert.equal(await call(["entries", { path: "data", include: ["*.txt"] }]), ["kept.txt"]);
    assert.equal(await call(["entries", { path: "data", exclude: ["*.txt"], gitignore: true }]), ["deep/"]);
    assert.is(await call(["handedOn"]), "2");
    assert.is(await call(["twice"]), true);
    assert.match(String(await call(["byPart"])), /^deep\/,kept\.txt /);
  }),
);

workspace("is confined: neither dots nor links lead out of it, links inside are followed", async () => {
  symlinkSync("/etc", join(moduleDir, "etc"));
  symlinkSync("../..", join(moduleDir, "data/up"));
  symlinkSync(join(moduleDir, "data"), join(moduleDir, "absolute"));
  symlinkSync("/etc/passwd", join(moduleDir, "data/hostname"));
  symlinkSync("data/kept.txt", join(moduleDir, "kept"));
  const outside = (path: string) => `path "${path}" resolves outside root "${moduleDir}"`;
  await inCommand(async ({ call }) => {
    assert.is(await messageOf(call(["entries", { path: "etc" }])), outside("etc"));
    assert.is(await messageOf(call(["entries", { path: "data/up" }])), outside("data/up"));
    assert.is(await messageOf(call(["entries", { path: "../x" }])), outside("../x"));
    assert.is(
      await messageOf(call(["contents", { path: "etc/hostname" }])),
      `workspace file "etc/hostname": ${outside("etc")}`,
    );
    assert.is(
      await messageOf(call(["contents", { path: "data/hostname" }])),
      'workspace file "data/hostname": stat hostname: no such file or directory',
    );
    assert.is(await call(["contents", { path: "kept" }]), "kept");
    assert.equal(await call(["entries", { path: "absolute", include: ["*.txt"] }]), ["kept.txt"]);
    assert.match(String(await call(["found", { name: "etc/hostname" }])), /^null /);
    assert.is(await messageOf(call(["found", { name: "../x" }])), outside("../x"));
  });
});

workspace("is not read again by a function while what it asked for is the same", async () => {
  const first = await callOnce("stamp", { path: "data" });
  write("other.txt", "changed");
  assert.is(await callOnce("stamp", { path: "data" }), first);
  write("data/more.txt", "more");
  const second = await callOnce("stamp", { path: "data" });
  assert.match(String(second), /^deep\/,kept\.txt,more\.txt /);
  assert.is(await callOnce("stamp", { path: "data" }), second);
});

workspace("counts for a function that did not find what it asked for", async () => {
  const first = await callOnce("tried", { path: "later.txt" });
  assert.match(String(first), 'workspace file "later.txt": stat later.txt: no such file or directory');
  assert.is(await callOnce("tried", { path: "later.txt" }), first);
  write("later.txt", "here");
  assert.match(String(await callOnce("tried", { path: "later.txt" })), /^here /);
  const missing = await callOnce("found", { name: "new.txt" });
  assert.match(String(missing), /^null /);
  assert.is(await callOnce("found", { name: "new.txt" }), missing);
  write("new.txt", "here");
  assert.match(String(await callOnce("found", { name: "new.txt" })), /^\/new\.txt /);
});

workspace("counts for whoever calls the function that reads it", async () => {
  const first = await callOnce("byPart");
  assert.is(await callOnce("byPart"), first);
  write("data/more.txt", "more");
  assert.match(String(await callOnce("byPart")), /^deep\/,kept\.txt,more\.txt /);
});

workspace("is looked at again by the next call of a session that goes on", () =>
  inCommand(async ({ call, query }) => {
    const first = await call(["stamp", { path: "data" }]);
    assert.is(await call(["stamp", { path: "data" }]), first);
    write("data/more.txt", "more");
    assert.match(String(await call(["stamp", { path: "data" }])), /more\.txt/);
    const entries = `{ currentWorkspace { directory(path: "data") { entries } } }`;
    assert.equal(await query(entries), {
      data: { currentWorkspace: { directory: { entries: ["deep/", "kept.txt", "more.txt"] } } },
    });
    write("data/last.txt", "last");
    assert.match(JSON.stringify(await query(entries)), "last.txt");
  }),
);

workspace("says who its client is, so that such a result is for one command", async () => {
  assert.is.not(await callOnce("client"), await callOnce("client"));
});

workspace("of a folder without a repository is that folder", async () => {
  rmSync(join(moduleDir, ".git"), { recursive: true });
  await inCommand(async ({ query }) => {
    const { data } = await query(`{ currentWorkspace { address path configPath hasConfig initialized } }`);
    const facts = { address: `file://${moduleDir}`, path: ".", configPath: "", hasConfig: false, initialized: false };
    assert.equal(data, { currentWorkspace: facts });
  });
});

workspace("cannot be a property of an object", async () => {
  write(
    "ci/src/index.ts",
    `import { func, object, Workspace } from "@dagger.io/dagger";
    @object() export class Probe { @func() ws: Workspace; constructor(ws: Workspace) { this.ws = ws; } }`,
  );
  assert.match(
    await messageOf(callOnce("ws")),
    'object "Probe" field "ws": Workspace cannot be stored as a field on a module object; declare it as a function argument instead',
  );
});

workspace.run();
