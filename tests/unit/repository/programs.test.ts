import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const SOURCE = resolve(import.meta.dirname, "../../../engine/src");

/**
 * Where no more files can be opened, `spawn` gives a process without streams, and who reads them fails with words that nobody
 * understands. The calls that wait (`Sync`) say it by themselves.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "store/start-program.ts": ["spawn"],
  "store/git-run.ts": ["spawnSync"],
  "store/git-redirects.ts": ["spawnSync"],
  "store/copy-entries.ts": ["execFileSync"],
  "module/bundles.ts": ["execFile"],
  // Asks ldd(1) once per build of the engine, and waits for its end alone.
  "module/runtime-root.ts": ["execFile"],
};

/** What a source takes of the modules that start programs, without types; the whole of one is `*`. */
function startersIn(source: string): readonly string[] {
  const named = [...source.matchAll(/^import (?!type )([^;]*?) from "(?:node:)?child_process";/gm)].flatMap(
    ([, what = ""]) => (what.startsWith("{") ? what.slice(1, -1).split(",") : ["*"]),
  );
  const others =
    source.match(/import\("(?:node:)?child_process"\)|require\("(?:node:)?child_process"\)|from "execa"/g) ?? [];
  const values = named.map((name) => name.trim()).filter((name) => name !== "" && !name.startsWith("type "));
  return [...values, ...others].sort();
}

const programs = suite("programs that the engine starts");

programs("are started in one place, which knows what happens when no more files can be opened", () => {
  const found = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, startersIn(readFileSync(join(SOURCE, name), "utf8"))] as const)
    .filter(([, starters]) => starters.length > 0);
  assert.equal(Object.fromEntries(found.sort()), Object.fromEntries(Object.entries(ALLOWED).sort()));
});

programs("are found however the module is imported", () => {
  const source = [
    'import { type ChildProcess, spawn } from "node:child_process";',
    'import * as all from "child_process";',
    'import type { ChildProcess } from "node:child_process";',
    'import { execa } from "execa";',
    'const { fork } = await import("node:child_process");',
  ].join("\n");
  assert.equal(startersIn(source), ["*", 'from "execa"', 'import("node:child_process")', "spawn"]);
});

programs.run();
