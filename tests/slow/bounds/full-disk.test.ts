import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Blobs } from "../../../engine/src/image/blobs.ts";
import { Layers } from "../../../engine/src/image/layers.ts";
import type { RecipePlan } from "../../../engine/src/image/recipe.ts";
import { buildRecipe } from "../../../engine/src/image/recipe-build.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { type FileServer, startFileServer } from "../../support/file-server.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";
import { SmallDisk } from "../../support/small-disk.ts";
import { withVariables } from "../../support/with-variables.ts";

const SOURCE = `
import { dag, Directory, func, object } from "@dagger.io/dagger";
@object() export class Probe {
  @func() hello(): string { return "hello"; }
  /** Leaves no room at all, and succeeds. */
  @func() async brim(root: Directory): Promise<string> {
    const box = dag.container().withRootfs(root).withMountedCache("/c", dag.cacheVolume("brim"));
    return await box.withExec(["sh", "-c", "head -c 400000000 /dev/zero > /c/f 2>/dev/null; echo brim"]).stdout();
  }
}`;

const full = suite("a disk that becomes full while");
let [dir, root] = ["", ""];
let disk: SmallDisk;
let registry: FileServer;

full.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-full-"));
  disk = new SmallDisk(join(dir, "disk"));
  root = join(dir, "root");
  makeBusyboxRoot(root, ["sh", "head", "echo"]);
  for (const name of ["probe", "laden", "equipped"]) writeModule(join(dir, name), name, named(name));
  writeFileSync(join(dir, "laden/ci/load"), Buffer.alloc(40 << 20, "x"));
  registry = await startFileServer();
  servePackage();
  writeFileSync(
    join(dir, "equipped/ci/package.json"),
    JSON.stringify({ type: "module", dependencies: { tool: "1.0.0", typescript: "5.9.3" } }),
  );
  const { exitCode, stderr } = await slipway("probe", "functions");
  assert.is(exitCode, 0, stderr);
});
full.after(async () => {
  await registry.stop();
  disk.close();
  rmSync(dir, { recursive: true, force: true });
});

function named(name: string): string {
  return SOURCE.replace("Probe", `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`);
}

/** A package of 30 MiB that nothing makes smaller. */
function servePackage(): void {
  mkdirSync(join(dir, "tool/package"), { recursive: true });
  writeFileSync(join(dir, "tool/package/package.json"), '{"name":"tool","version":"1.0.0"}');
  writeFileSync(join(dir, "tool/package/data"), randomBytes(30 << 20));
  const packed = join(dir, "tool.tgz");
  execFileSync("tar", ["--create", "--gzip", `--file=${packed}`, "--directory", join(dir, "tool"), "package"]);
  const dist = { tarball: `${registry.url}/tool.tgz`, integrity: integrityOf(readFileSync(packed)) };
  const versions = { "1.0.0": { name: "tool", version: "1.0.0", dist } };
  registry.files.set("/tool", JSON.stringify({ name: "tool", "dist-tags": { latest: "1.0.0" }, versions }));
  registry.files.set("/tool.tgz", readFileSync(packed));
}

function integrityOf(content: Buffer): string {
  return `sha512-${createHash("sha512").update(content).digest("base64")}`;
}

/** npm's cache is on another disk, as that of a person mostly is. */
const npm = () => ({
  npm_config_registry: registry.url,
  npm_config_cache: join(dir, "npm"),
  npm_config_fetch_retries: "0",
  NO_PROXY: "127.0.0.1",
});

async function slipway(module: string, ...args: readonly string[]) {
  const env = { ...npm(), SLIPWAY_STORE: disk.store, SLIPWAY_STORE_LIMIT: "none" };
  return await runSlipway(join(dir, module), args, { env });
}

const FULL = /no space left on device/i;
const MAKE_ROOM = "  to do: free some space there, or set SLIPWAY_STORE to a folder on another disk";

for (const [what, module] of [
  ["the files of a module are taken", "laden"],
  ["the packages of a module are installed", "equipped"],
] as const) {
  full(`${what}: told, without harm, and done when there is room`, async () => {
    disk.leaveRoom(20);
    const failed = await slipway(module, "call", "hello");
    assert.is(failed.exitCode, 1, failed.stdout);
    assert.match(failed.stderr, FULL);
    assert.match(failed.stderr, MAKE_ROOM);
    assert.equal(disk.leftovers(), []);
    disk.makeRoom();
    const { exitCode, stdout, stderr } = await slipway(module, "call", "hello");
    assert.is(exitCode, 0, stderr);
    assert.is(stdout.trim(), "hello");
    assert.equal(disk.leftovers(), []);
  });
}

full("a command ends: its work is done or it says why not, and the next one works", async () => {
  disk.leaveRoom(20);
  const { exitCode, stdout, stderr } = await slipway("probe", "call", "brim", "--root", root);
  if (exitCode === 0) assert.match(stdout, "brim");
  else assert.ok(stderr.includes(MAKE_ROOM), stderr);
  assert.equal(disk.leftovers(), []);
  const freed = await slipway("probe", "store", "prune", "--keep", "0");
  assert.is(freed.exitCode, 0, freed.stderr);
  disk.makeRoom();
  const later = await slipway("probe", "call", "hello");
  assert.is(later.exitCode, 0, later.stderr);
  assert.is(later.stdout.trim(), "hello");
});

full("a recipe is carried out: told, without harm, and done when there is room", async () => {
  const plan: RecipePlan = {
    name: "tool:1",
    platform: "linux/amd64",
    digest: `sha256:${"0".repeat(64)}`,
    summary: "a test",
    layers: [
      {
        id: "0123456789abcdef",
        name: "the tool",
        needsBase: false,
        steps: [
          {
            kind: "npm",
            package: "tool",
            version: "1.0.0",
            integrity: integrityOf(registry.files.get("/tool.tgz") as Buffer),
            into: "/opt/tool",
            executables: [],
          },
        ],
      },
    ],
    config: {} as RecipePlan["config"],
  };
  const blobs = new Blobs(join(disk.store, "images"));
  const layers = new Layers(join(disk.store, "layers"), blobs, async () => undefined);
  const build = () =>
    withVariables(npm(), () =>
      buildRecipe(plan, { blobs, layers, onLine: () => undefined, inStep: (_name, work) => work() }).then(
        () => "",
        ({ message }: Error) => message,
      ),
    );
  disk.leaveRoom(20);
  const why = await build();
  assert.match(why, 'the recipe for tool:1 failed at the layer "the tool"');
  assert.match(why, FULL);
  assert.match(why, MAKE_ROOM);
  assert.equal(disk.leftovers(), []);
  assert.not(layers.has("0123456789abcdef"));
  disk.makeRoom();
  assert.is(await build(), "");
  assert.ok(layers.has("0123456789abcdef"));
  assert.equal(disk.leftovers(), []);
});

full.run();
