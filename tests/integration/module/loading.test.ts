import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ApiError } from "../../../engine/src/api/errors.ts";
import { ModuleProblem } from "../../../engine/src/module/config.ts";
import { type TestCommand, withModule, writeModule } from "../../support/served-module.ts";

/** The main object of the module itself. */
const mainOf = ({ modules }: TestCommand["served"]) => modules.at(-1)?.def.main;

const loading = suite("loading of a module");

const dir = mkdtempSync(join(tmpdir(), "slipway-loading-"));
const storeDir = join(dir, "store");

loading.after(() => rmSync(dir, { recursive: true, force: true }));

function moduleOf(name: string, body: string, more: Readonly<Record<string, string>> = {}): string {
  const moduleDir = join(dir, name);
  const head = `import { argument, Container, dag, Directory, float, func, object } from "@dagger.io/dagger";\n`;
  writeModule(moduleDir, name, head + body, more);
  return moduleDir;
}

function inCommand<T>(moduleDir: string, use: (command: TestCommand) => Promise<T>): Promise<T> {
  return withModule({ storeDir, moduleDir }, use);
}

async function problemOf(moduleDir: string): Promise<string> {
  try {
    await inCommand(moduleDir, async () => undefined);
  } catch (error) {
    assert.instance(error, ModuleProblem);
    return (error as Error).message;
  }
  return "no problem";
}

loading("runs no code of the module: what is wrong in a body shows when something is called", async () => {
  const moduleDir = moduleOf(
    "late",
    `@object() export class Late { @func() hello(): string { return "x" } }\nthrow new Error("run");\n`,
  );
  await inCommand(moduleDir, async ({ served, call }) => {
    assert.equal(
      mainOf(served)?.functions.map((item) => item.name),
      ["hello"],
    );
    await call(["hello"]).then(
      () => assert.unreachable("it should have failed"),
      (error: ApiError) => {
        assert.is(error.message, 'call function "hello": exit code: 1');
        assert.match(String(error.extensions?.["stderr"]), "/src/ci/src/index.ts:3");
      },
    );
  });
});

loading("says the file and the line of what is no TypeScript", async () => {
  const moduleDir = moduleOf("broken", `@object() export class Broken { @func() hello(): string { return "x" } }\n}\n`);
  await inCommand(moduleDir, async ({ call }) => {
    const error = (await call(["hello"]).catch((reason: unknown) => reason)) as ApiError;
    const stderr = String(error.extensions?.["stderr"]);
    assert.match(stderr, "Error [TransformError]: Transform failed with 1 error:");
    assert.match(stderr, '/src/ci/src/index.ts:3:0: ERROR: Unexpected "}"');
  });
});

loading("says which type cannot be used", async () => {
  const moduleDir = moduleOf("mapped", `@object() export class Mapped { @func() when(): Date { return new Date() } }`);
  assert.is(
    await problemOf(moduleDir),
    'failed to initialize module "mapped": failed to call sdk moduleTypes: IntrospectionError: could not resolve type reference for Date.',
  );
});

loading("infers result types as the SDK does, from the whole client", async () => {
  const moduleDir = moduleOf(
    "inferred",
    `@object() export class Inferred {
      @func() box() { return dag.container().from("alpine"); }
      @func() async names() { return await dag.directory().entries(); }
      @func() half(value: float): float { return value / 2; }
    }`,
  );
  await inCommand(moduleDir, async ({ served }) => {
    const types = mainOf(served)?.functions.map((item) => [item.name, item.returns]);
    assert.equal(types, [
      ["box", { kind: "object", name: "Container", optional: false }],
      ["names", { kind: "list", element: { kind: "string", optional: false }, optional: false }],
      ["half", { kind: "float", optional: false }],
    ]);
  });
});

loading("gives what the real runtime's SDK has and no more: a module that imports ExecError cannot run", async () => {
  const moduleDir = moduleOf(
    "importing",
    `import { ExecError } from "@dagger.io/dagger";\n@object() export class Importing { @func() hello(): string { return String(ExecError) } }`,
  );
  await inCommand(moduleDir, async ({ call }) => {
    const error = (await call(["hello"]).catch((reason: unknown) => reason)) as ApiError;
    assert.match(String(error.extensions?.["stderr"]), "does not provide an export named 'ExecError'");
  });
});

loading("knows a class only by the name of the module", async () => {
  const moduleDir = moduleOf("named", `@object() export class Other { @func() hello(): string { return "x" } }`);
  await inCommand(moduleDir, async ({ served }) => assert.is(mainOf(served), undefined));
});

loading("calls a function that is called like its module, and makes its main object meanwhile", async () => {
  const moduleDir = moduleOf(
    "polish",
    `@object() export class Polish {
       by: string; constructor(by: string = "hand") { this.by = by }
       @func() polish(what: string): string { return what + " by " + this.by }
       @func() again(): Polish { return new Polish("machine") } }`,
  );
  await inCommand(moduleDir, async ({ call, query }) => {
    assert.is(await call(["polish", { what: "brass" }]), "brass by hand");
    assert.is(await call(["again"], ["polish", { what: "brass" }]), "brass by machine");
    assert.equal(await query(`{ polish(what: "tin") again { polish(what: "zinc") } }`), {
      data: { polish: "tin by hand", again: { polish: "zinc by machine" } },
    });
  });
});

loading("means a module's own class where the core has one of the same name", async () => {
  const moduleDir = moduleOf(
    "workbench",
    `@object() export class Workspace { @func() tidy(): string { return "swept" } }
     @object() export class Workbench {
       @func() space(): Workspace { return new Workspace() }
       @func() box(): Container { return dag.container() } }`,
  );
  await inCommand(moduleDir, async ({ served, call }) => {
    assert.equal(
      mainOf(served)?.functions.map(({ name, returns }) => [name, returns.name]),
      [
        ["space", "WorkbenchWorkspace"],
        ["box", "Container"],
      ],
    );
    assert.is(await call(["space"], ["tidy"]), "swept");
  });
});

loading("means the core's class where the module's own of the same name is not in the API", async () => {
  const moduleDir = moduleOf(
    "kitchen",
    `@object() export class Kitchen { @func() recipe(): Directory { return dag.directory() } }`,
    { "ci/src/shelf.ts": "export class Directory { readonly isShelf = true; }" },
  );
  await inCommand(moduleDir, async ({ served }) =>
    assert.equal(
      mainOf(served)?.functions.map(({ returns }) => returns.name),
      ["Directory"],
    ),
  );
});

loading("finds the main object of a module that is called like a type of the core", async () => {
  const moduleDir = moduleOf(
    "workspace",
    `@object() export class Workspace { @func() say(): string { return "here" } }`,
  );
  await inCommand(moduleDir, async ({ call }) => assert.is(await call(["say"]), "here"));
});

loading("takes a class without a constructor without running the values of its properties", async () => {
  const moduleDir = moduleOf(
    "bare",
    `@object() export class Bare { note: string = "set"; @func() read(): string { return String(this.note) } }`,
  );
  await inCommand(moduleDir, async ({ call }) => assert.is(await call(["read"]), "undefined"));
});

loading("makes modules that it depends on callable for its functions", async () => {
  const postal = `import { func, object } from "@dagger.io/dagger";
    export enum Kind { Plain = "plain", Gold = "gold" }
    @object() export class Card { @func() text: string; constructor(text: string) { this.text = text } @func() loud(): string { return this.text.toUpperCase() } }
    @object() export class Postal {
      sender: string; constructor(sender: string = "postal") { this.sender = sender }
      @func() card(name: string, times?: number): Card { return new Card((this.sender + name).repeat(times ?? 1)) }
      @func() cards(): Card[] { return [new Card("a"), new Card("b")] }
      @func() kind(kind: Kind): Kind { return kind === Kind.Gold ? Kind.Plain : Kind.Gold }
      @func() boom(): string { throw new Error("postal is broken") }
    }`;
  const moduleDir = moduleOf(
    "dependent",
    `import { PostalKind } from "@dagger.io/dagger";
    @object() export class Dependent {
      @func() card(name: string) { return dag.postal().card(name, { times: 2 }).loud() }
      @func() as(name: string): Promise<string> { return dag.postal({ sender: "me" }).card(name).text() }
      @func() async all(): Promise<string[]> { return await Promise.all((await dag.postal().cards()).map((card) => card.loud())) }
      @func() async kind(): Promise<string> { return await dag.postal().kind(PostalKind.Gold) }
      @func() boom(): Promise<string> { return dag.postal().boom() }
    }`,
    {
      "dagger.json": JSON.stringify({
        name: "dependent",
        sdk: "typescript",
        source: "ci",
        dependencies: [{ name: "postal", source: "postal" }],
      }),
      "postal/dagger.json": JSON.stringify({ name: "postal", sdk: "typescript", source: "." }),
      "postal/src/index.ts": postal,
    },
  );
  await inCommand(moduleDir, async ({ call, query }) => {
    assert.is(await call(["card", { name: "a" }]), "POSTALAPOSTALA");
    assert.is(await call(["as", { name: "b" }]), "meb");
    assert.equal(await call(["all"]), ["A", "B"]);
    assert.is(await call(["kind"]), "plain");
    assert.is(((await call(["boom"]).catch((reason: unknown) => reason)) as Error).message, "postal is broken");
    assert.match((await query("{ postal { cards { text } } }")).errors?.[0]?.message ?? "", "Cannot query field");
  });
});

loading("resolves imports as tsx does: endings, folders, aliases, JSON and packages", async () => {
  const moduleDir = moduleOf(
    "resolving",
    `import { a } from "./a.js"; import { b } from "./b"; import { c } from "#lib/c"; import data, { e } from "../data.json";
    import typed from "../data.json" with { type: "json" }; import { createRequire } from "node:module";
    @object() export class Resolving { @func() all(): string { return [a, b, c, data.d, e, typed.e, createRequire(import.meta.url)("../data.json").d].join("") } }`,
    {
      "ci/src/a.ts": `export const a = "a";`,
      "ci/src/b/index.ts": `export const b = "b";`,
      "ci/src/lib/c.mts": `export const c = "c";`,
      "ci/data.json": `{ "d": "d", "e": "e", "no-name": 1, "default": 2, "class": 3 }`,
      "ci/tsconfig.json": `{ "extends": "./settings/base", /* of this file */ "compilerOptions": { "paths": { "#lib/*": ["./src/lib/*.mts"] } }, }`,
      "ci/settings/base.json": JSON.stringify({ compilerOptions: { paths: { "#lib/*": ["../not/there/*.mts"] } } }),
    },
  );
  await inCommand(moduleDir, async ({ call }) => assert.is(await call(["all"]), "abcdeed"));
});

loading("takes types and code from the store when nothing changed", async () => {
  const moduleDir = moduleOf("kept", `@object() export class Kept { @func() hello(): string { return "x" } }`);
  const digestOf = () => inCommand(moduleDir, async ({ served }) => JSON.stringify(served.modules));
  const first = await digestOf();
  const startedAt = performance.now();
  assert.is(await digestOf(), first);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 1000, `loading it again took ${tookMs.toFixed(0)} ms`);
  mkdirSync(dirname(join(moduleDir, "ci/src/more.ts")), { recursive: true });
  writeFileSync(
    join(moduleDir, "ci/src/index.ts"),
    `import { func, object } from "@dagger.io/dagger";\n@object() export class Kept { @func() other(): string { return "y" } }`,
  );
  assert.match(await digestOf(), '"other"');
});

loading.run();
