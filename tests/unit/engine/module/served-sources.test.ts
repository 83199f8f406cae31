import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readServedSources } from "../../../../engine/src/module/served-sources.ts";

interface Place {
  dir: string;
}

const served = suite<Place>("what a dagger.json offers");

served.before.each((place) => {
  place.dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-served-")));
  mkdirSync(join(place.dir, ".git"));
});

served.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

function write(dir: string, files: Readonly<Record<string, object>>): void {
  for (const [path, config] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), JSON.stringify(config));
  }
}

const code = (name: string) => ({ name, sdk: "typescript" });

/** Name, own name of the code, where default paths start, whether its functions stand at the top. */
function offered(dir: string, isNamed = false): readonly unknown[] {
  return readServedSources(dir, isNamed).modules.map(({ source, isEntry }) => [
    source.name,
    source.config.name,
    source.defaults.kind === "context" ? source.defaults.moduleDir : "workspace",
    isEntry,
  ]);
}

function problemOf(dir: string, isNamed = false): string {
  try {
    readServedSources(dir, isNamed);
  } catch (error) {
    return (error as Error).message;
  }
  return "no problem";
}

served("is toolchains first, then the blueprint, then the module itself with the blueprint's code", ({ dir }) => {
  write(dir, {
    "dagger.json": {
      name: "shop",
      blueprint: { name: "house", source: "plan" },
      toolchains: [{ name: "saw", source: "tool" }, "tool"],
    },
    "plan/dagger.json": code("plan"),
    "tool/dagger.json": code("tool"),
  });
  assert.equal(offered(dir), [
    ["saw", "tool", "workspace", false],
    ["tool", "tool", "workspace", false],
    ["house", "plan", "workspace", true],
    ["shop", "plan", dir, false],
  ]);
  assert.equal(
    offered(dir, true).map((one) => (one as unknown[])[2]),
    [dir, dir, dir, dir],
  );
});

served("is its own functions at the top and toolchains beside them, which its code can call too", ({ dir }) => {
  const toolchains = [{ name: "saw", source: "tool", ignoreChecks: ["slow"] }];
  write(dir, { "dagger.json": { ...code("app"), toolchains }, "tool/dagger.json": code("tool") });
  assert.equal(offered(dir), [
    ["saw", "tool", "workspace", false],
    ["app", "app", dir, true],
  ]);
  const { modules } = readServedSources(dir, false);
  assert.equal(modules[0]?.toolchain?.ignoreChecks, ["slow"]);
  assert.equal(
    modules[1]?.source.dependencies.map((one) => one.name),
    ["saw"],
  );
});

served("is nothing for a module without SDK, blueprint and toolchains", ({ dir }) => {
  write(dir, { "dagger.json": { name: "app" } });
  assert.equal(offered(dir), []);
});

served("is the code of the last one for a blueprint of a blueprint, and refused when they go round", ({ dir }) => {
  write(dir, {
    "dagger.json": { name: "a", blueprint: { source: "b" } },
    "b/dagger.json": { name: "b", blueprint: { source: "../c" } },
    "c/dagger.json": code("c"),
  });
  assert.equal(offered(dir), [
    ["b", "c", "workspace", true],
    ["a", "c", dir, false],
  ]);
  write(dir, { "c/dagger.json": { name: "c", blueprint: { source: "../b" } } });
  assert.match(problemOf(dir), /modules depend on each other in a circle: /);
});

served("that cannot be read is refused with the way to it, in the words of the real engine", ({ dir }) => {
  const start = (place: string, kind = "module") =>
    `query module objects: loading modules: loading ${kind} "${place}": resolving module source "${place}": `;
  write(dir, { "dagger.json": { name: "a", blueprint: { source: "nope" } } });
  assert.is(problemOf(dir), `${start(`${dir}/nope`)}local path "${dir}/nope" does not exist`);
  assert.is(problemOf(dir, true), `${start(dir, "extra module")}local path "${dir}/nope" does not exist`);
  for (const [key, value] of [
    ["sdk", "typescript"],
    ["dependencies", ["b"]],
    ["source", "ci"],
  ] as const) {
    write(dir, { "dagger.json": { name: "a", blueprint: { source: "b" }, [key]: value } });
    assert.is(problemOf(dir), `${start(dir)}blueprint and ${key} can't both be set`);
  }
  write(dir, { "app/dagger.json": { name: "a", toolchains: [{ source: "../../mod" }] } });
  assert.is(
    problemOf(join(dir, "app")),
    `${start(`${dirname(dir)}/mod`)}local module dep source path "../mod" escapes context "${dir}"`,
  );
});

served.run();
