import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ModuleSource, SourceFile } from "../../../../engine/src/module/source.ts";
import { entryFilesOf, transformSource } from "../../../../engine/src/module/transform.ts";

const transform = suite("transformed source");

function sourceOf(files: Readonly<Record<string, string>>): ModuleSource {
  const list = Object.entries(files).map(
    ([path, text]): SourceFile => ({ path, mode: 0o644, content: Buffer.from(text) }),
  );
  const config = {
    name: "probe",
    engineVersion: "v0.21.8",
    source: "ci",
    include: [],
    hasSdk: true,
    selfCalls: false,
    dependencies: [],
    toolchains: [],
    disableDefaultFunctionCaching: false,
  };
  const places = { moduleDir: "/m", contextDir: "/m", envDirs: undefined, defaults: { kind: "workspace" } } as const;
  const taken = { name: "probe", customizations: [], sourcePath: "ci", dependencies: [], digest: "" };
  return { ...places, ...taken, config, files: list };
}

transform("is keyed by the path inside the container; only TypeScript below src is loaded before a call", async () => {
  const source = sourceOf({
    "src/index.ts": "export const a: number = 1",
    "src/part.tsx": "",
    "tools/x.ts": "",
    "src/plain.js": "",
  });
  const made = await transformSource(source, "/src/ci");
  assert.equal(entryFilesOf(source, "/src/ci"), ["/src/ci/src/index.ts"]);
  assert.equal(Object.keys(made.scripts).sort(), [
    "/src/ci/src/index.ts",
    "/src/ci/src/part.tsx",
    "/src/ci/tools/x.ts",
  ]);
});

transform("names the file and the line in its source map and in what is wrong", async () => {
  const { scripts } = await transformSource(
    sourceOf({ "src/index.ts": "const a = 1", "src/bad.ts": "export const a =\n}\n" }),
    "/src/ci",
  );
  const good = scripts["/src/ci/src/index.ts"];
  assert.ok(good !== undefined && "code" in good);
  const map = Buffer.from(good.code.split("base64,")[1] ?? "", "base64").toString("utf8");
  assert.equal((JSON.parse(map) as { sources: unknown }).sources, ["/src/ci/src/index.ts"]);
  const bad = scripts["/src/ci/src/bad.ts"];
  assert.equal(bad, { failure: 'Transform failed with 1 error:\n/src/ci/src/bad.ts:2:0: ERROR: Unexpected "}"' });
});

transform("knows decorators of parameters when there is no tsconfig.json", async () => {
  const code = "declare const d: any; export class A { constructor(@d() x: string) {} }";
  const made = await transformSource(sourceOf({ "src/index.ts": code }), "/src/ci");
  assert.ok("code" in (made.scripts["/src/ci/src/index.ts"] ?? {}));
});

transform("takes aliases of a tsconfig.json with comments, but not those of the SDK", async () => {
  const tsconfig = `{
    // paths of this package
    "compilerOptions": { "experimentalDecorators": true, "baseUrl": "./src", "paths": {
      "@dagger.io/dagger": ["./sdk/index.ts"], /* generated */
      "#lib/*": ["lib/*"],
    } },
  }`;
  const made = await transformSource(sourceOf({ "tsconfig.json": tsconfig, "src/index.ts": "" }), "/src/ci");
  assert.equal(made.aliases, { "#lib/*": ["/src/ci/src/lib/*"], "*": ["/src/ci/src/*"] });
});

transform("takes a base folder that another tsconfig.json has, also where there are no aliases", async () => {
  const files = {
    "tsconfig.json": `{ "extends": "./config/base.json" }`,
    "config/base.json": `{ "compilerOptions": { "baseUrl": "../src" } }`,
    "src/index.ts": "",
  };
  assert.equal((await transformSource(sourceOf(files), "/src/ci")).aliases, { "*": ["/src/ci/src/*"] });
});

transform("knows decorators of parameters whatever tsconfig.json says of decorators", async () => {
  const code = "declare const d: any; export class A { constructor(@d() x: string) {} }";
  for (const compilerOptions of [{ target: "es2022" }, { experimentalDecorators: false }]) {
    const files = { "src/index.ts": code, "tsconfig.json": JSON.stringify({ compilerOptions }) };
    const made = await transformSource(sourceOf(files), "/src/ci");
    assert.ok("code" in (made.scripts["/src/ci/src/index.ts"] ?? {}));
  }
});

const failureWith = async (files: Readonly<Record<string, string>>) => {
  const made = await transformSource(sourceOf({ "src/index.ts": "export const a = 1", ...files }), "/src/ci");
  const script = made.scripts["/src/ci/src/index.ts"];
  return script !== undefined && "failure" in script ? script.failure : "";
};

transform("is none where tsconfig.json extends a file above the package, as in the real runtime", async () => {
  const failure = await failureWith({ "tsconfig.json": '{ "extends": "../tsconfig.base.json" }' });
  assert.match(failure, /^File '\.\.\/tsconfig\.base\.json' not found\.\n.*\n {2}to do: /);
  const twice = { "tsconfig.json": '{ "extends": "./a.json" }', "a.json": '{ "extends": "../b.json" }' };
  assert.match(await failureWith(twice), /^File '\.\.\/b\.json' not found\.\na\.json /);
});

transform("is none where tsconfig.json extends a package that is not installed", async () => {
  const files = { "tsconfig.json": '{ "extends": ["@tsconfig/node24/tsconfig.json"] }' };
  assert.match(await failureWith(files), /^File '@tsconfig\/node24\/tsconfig\.json' not found\./);
  const packageJson = JSON.stringify({ dependencies: { "@tsconfig/node24": "1.0.0" } });
  assert.is(await failureWith({ ...files, "package.json": packageJson }), "");
});

transform("takes over no aliases, because those of the SDK are in their place", async () => {
  const files = {
    "tsconfig.json": `{ "extends": "./base.json" }`,
    "base.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
    "src/index.ts": "",
  };
  assert.equal((await transformSource(sourceOf(files), "/src/ci")).aliases, {});
});

transform.run();
