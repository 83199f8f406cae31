import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { walkTree } from "../../../engine/src/store/tree-walk.ts";
import { type CommandResult, runCommand, withSystemFolders } from "../../cluster/command.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");

const DOCKERFILE = `FROM scratch
COPY . /
RUN --mount=type=cache,target=/c cat /bin/busybox > /copy && echo x > /c/f
RUN cat /bin/busybox > /other
`;

/** Prints another text whenever the step really runs. Without a module, whose runtime would be most of the pack. */
const QUERY = `{ host { directory(path: "root") { dockerBuild {
  withExec(args: ["cat", "/proc/sys/kernel/random/uuid"]) { stdout }
} } } }`;

/** In the place of tar: gives it a part of one layer, and then nothing but SIGKILL for the engine. */
const TAR = `#!/bin/sh
case "$*" in */layers-*) echo x >>"$KILLED_STORE.layers" ;; esac
if [ "$(grep -c x "$KILLED_STORE.layers" 2>/dev/null)" = "$KILL_AT_LAYER" ]; then
  head -c "$KILL_AFTER_BYTES" | "$REAL_TAR" "$@"
  kill -9 "$PPID"
  exit 1
fi
exec "$REAL_TAR" "$@"
`;

const killed = suite("a store whose unpacking was killed");

let dir = "";
/** What the step printed in the store that was packed. */
let first = "";
/** How many entries the pack has that a store can take. */
let entries = 0;

killed.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-pack-killed-"));
  makeBusyboxRoot(join(dir, "root"), ["sh", "cat"]);
  writeFileSync(join(dir, "root", "Dockerfile"), DOCKERFILE);
  writeFileSync(join(dir, "step.graphql"), QUERY);
  writeFileSync(join(dir, "tar"), TAR);
  chmodSync(join(dir, "tar"), 0o755);
  first = await ok("packed", ...STEP);
  entries = sumOf(await ok("packed", "store", "pack", "warm.tar"));
});

killed.after(() => rmSync(dir, { recursive: true, force: true }));

const STEP = ["query", "--doc", "step.graphql"];
const UNPACK = ["store", "unpack", "warm.tar"];

interface Around {
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function slipway(
  store: string,
  words: readonly string[],
  { before = [], env }: Around = {},
): Promise<CommandResult> {
  const all = { NO_COLOR: "1", SLIPWAY_STORE: join(dir, store), ...env };
  return await runCommand([...before, SLIPWAY, ...words], { cwd: dir, env: all });
}

async function ok(store: string, ...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await slipway(store, words);
  assert.is(exitCode, 0, stderr);
  return stdout;
}

/** What `store pack` and `store unpack` count, those that were there already among it. */
function sumOf(said: string): number {
  const counted = said.matchAll(
    /(\d+) (?:layers?|results?|images?|records? of images|cache volumes?|were there|was there)\b/g,
  );
  return [...counted].reduce((sum, [, count]) => sum + Number(count), 0);
}

const layersOf = (store: string) => readdirSync(join(dir, store, "layers"));
const volumesOf = (store: string) => readdirSync(join(dir, store, "volumes")).length;
const resultsOf = (store: string) =>
  [...walkTree(join(dir, store))].filter(({ path }) => /^results\/.*\.json$/.test(path)).length;

function filesOf(store: string, layer: string): string[] {
  const found = walkTree(join(dir, store, "layers", layer));
  return Array.from(
    found,
    ({ path, stat }) => `${path} ${stat.mode} ${stat.uid} ${stat.isDirectory() ? "" : stat.size}`,
  );
}

/** Whatever has a name in the store is whole, the next command removes the rest, and the sizes can be told. */
async function isSound(store: string): Promise<void> {
  for (const layer of layersOf(store)) assert.equal(filesOf(store, layer), filesOf("packed", layer));
  assert.match(await ok(store, "store"), /\d/);
  assert.equal(readdirSync(join(dir, store, "scratch")), []);
}

/** Kills it when a part of a layer is there, by what it starts to unpack one. */
async function killInLayer(store: string, layer: number, bytes: number): Promise<void> {
  rmSync(join(dir, `${store}.layers`), { force: true });
  const { PATH: path = "" } = withSystemFolders(process.env);
  const env = {
    PATH: `${dir}:${path}`,
    REAL_TAR: execFileSync("sh", ["-c", "command -v tar"], { encoding: "utf8" }).trim(),
    KILLED_STORE: join(dir, store),
    KILL_AT_LAYER: String(layer),
    KILL_AFTER_BYTES: String(bytes),
  };
  assert.is((await slipway(store, UNPACK, { env })).exitCode, 137);
}

/** Kills it before the nth part gets its name in the store. */
async function killAtName(store: string, nth: number): Promise<void> {
  const before = [
    "strace",
    "-f",
    "-qq",
    "-o",
    "/dev/null",
    "-e",
    "trace=rename",
    "-e",
    `inject=rename:signal=KILL:when=${nth}`,
  ];
  // The kernel's counts are those of a thread: so all names are given by one.
  assert.is((await slipway(store, UNPACK, { before, env: { UV_THREADPOOL_SIZE: "1" } })).exitCode, 137);
}

killed("has nothing of a layer of which no byte, a part, or all but the name was there", async () => {
  for (const [layer, bytes] of [
    [1, 0],
    [1, 700_000],
    [3, 2 ** 40],
  ] as const) {
    await killInLayer("in-layer", layer, bytes);
    assert.equal(layersOf("in-layer"), []);
    await isSound("in-layer");
  }
  assert.is(sumOf(await ok("in-layer", ...UNPACK)), entries);
  assert.is(await ok("in-layer", ...STEP), first);
});

/** How many parts have their names: volumes first, then layers, then results. */
const AT_NAMES = [
  { when: "some layers have their names", named: () => ({ layers: 2, results: 0 }), isWarm: true },
  {
    when: "all layers have their names",
    named: () => ({ layers: layersOf("packed").length, results: 0 }),
    isWarm: false,
  },
  { when: "results have their names", named: () => ({ layers: layersOf("packed").length, results: 2 }), isWarm: true },
];

for (const { when, named, isWarm } of AT_NAMES) {
  killed(`is sound when ${when}, and takes the rest the second time`, async () => {
    const store = when.replaceAll(" ", "-");
    const { layers, results } = named();
    await killAtName(store, 1 + layers + results + 1);
    assert.equal([volumesOf(store), layersOf(store).length, resultsOf(store)], [1, layers, results]);
    await isSound(store);
    if (!isWarm) assert.match(await ok(store, ...STEP), /"stdout": "[0-9a-f-]{36}\\n"/);
    const said = await ok(store, ...UNPACK);
    assert.is(sumOf(said), entries, said);
    if (isWarm) assert.is(await ok(store, ...STEP), first);
  });
}

killed.run();
