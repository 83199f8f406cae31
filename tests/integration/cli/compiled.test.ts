import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import module from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const compiled = suite("what Node compiles of the engine");
const program = "engine/dist/cli.js";
const canKeep = "enableCompileCache" in module;

let store: string;
compiled.before.each(() => {
  store = mkdtempSync(join(tmpdir(), "slipway-compiled-"));
});
compiled.after.each(() => rmSync(store, { recursive: true, force: true }));

const run = (env: NodeJS.ProcessEnv = {}): string =>
  execFileSync(process.execPath, [program, "--version"], {
    encoding: "utf8",
    timeout: 20_000,
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: undefined, SLIPWAY_STORE: store, ...env },
  });

/** The files that Node has written of each build. */
function keptBuilds(): readonly string[][] {
  const folder = join(store, "compiled");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((build) => readdirSync(join(folder, build), { recursive: true }).map(String));
}

if (canKeep) {
  compiled("is kept in the store, and the next start adds nothing to it", () => {
    run();
    const [build = []] = keptBuilds();
    assert.ok(build.length > 3, build.join(" "));
    run();
    assert.equal(keptBuilds(), [build]);
  });

  compiled("is kept of two builds: the oldest one goes", () => {
    for (const [name, days] of Object.entries({ oldest: 3, older: 2, old: 1 })) {
      const folder = join(store, "compiled", name);
      mkdirSync(folder, { recursive: true });
      const time = new Date(Date.now() - days * 86_400_000);
      utimesSync(folder, time, time);
    }
    run();
    const kept = readdirSync(join(store, "compiled"));
    assert.is(kept.length, 2, kept.join(" "));
    assert.ok(kept.includes("old"), kept.join(" "));
  });
} else {
  console.log(`NOT TESTED: that it is kept, because Node ${process.versions.node} cannot; 22.8 can`);
}

/** The files that a command on a module loads in any case. */
function loadedAlways(name: string, known: Set<string> = new Set()): ReadonlySet<string> {
  if (known.has(name)) return known;
  known.add(name);
  const text = readFileSync(join(dirname(program), name), "utf8");
  const always = /\bfrom "\.\/(part-[^"]+)"|\bimport\("\.\/(part-(?:main|embedded)-[^"]+)"\)/g;
  for (const [, fixed, asked] of text.matchAll(always)) loadedAlways(fixed ?? asked ?? "", known);
  return known;
}

compiled("has nothing that asks other machines in what every command on a module loads", () => {
  const names = [...loadedAlways(basename(program))];
  const sources = names.map((name) => readFileSync(join(dirname(program), name), "utf8")).join("\n");
  assert.match(sources, /^\/\/ .*src\/cli\/embedded\.ts$/m);
  assert.equal(sources.match(/^\/\/ .*node_modules\/undici\/index\.js$/m), null);
});

compiled("is not kept where the person has turned that off", () => {
  assert.match(run({ NODE_DISABLE_COMPILE_CACHE: "1" }), /^slipway v/);
  assert.equal(keptBuilds().flat(), []);
});

compiled("is compiled at each start where the store is no folder, can be none, or is not there yet", () => {
  const [file, absent] = [join(store, "file"), join(store, "absent")];
  writeFileSync(file, "");
  for (const place of [file, "/proc/none", absent]) assert.match(run({ SLIPWAY_STORE: place }), /^slipway v/, place);
  assert.not.ok(existsSync(absent));
});

compiled.run();
