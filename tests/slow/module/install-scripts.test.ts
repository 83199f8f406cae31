import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type FileServer, startFileServer } from "../../support/file-server.ts";
import { withModule, writeModule } from "../../support/served-module.ts";
import { tarOf } from "../../support/tar-of.ts";
import { withVariables } from "../../support/with-variables.ts";
import { writeFiles } from "../../support/write-files.ts";

const scripts = suite("install scripts of a module's packages");

const dir = mkdtempSync(join(tmpdir(), "slipway-install-scripts-"));
const storeDir = join(dir, "store");
let registry: FileServer;

scripts.before(async () => {
  registry = await startFileServer();
});
scripts.after(async () => {
  await registry.stop();
  rmSync(dir, { recursive: true, force: true });
});

const SOURCE = `import { func, object } from "@dagger.io/dagger";
import { existsSync, readFileSync } from "node:fs";
@object() export class Scripted {
  @func() made(): string {
    const place = "/src/ci/node_modules/scripted/made";
    return existsSync(place) ? readFileSync(place, "utf8") : "nothing";
  }
}`;

let next = 0;
/** What the script `postinstall` of a package has written to the file `made`, or why the module could not be loaded. */
async function madeBy(postinstall: string, packageJson: object, more: Readonly<Record<string, string>> = {}) {
  const path = `/scripted-${next++}.tgz`;
  const files = {
    "package.json": JSON.stringify({ name: "scripted", version: "1.0.0", scripts: { postinstall: "node script.js" } }),
    "script.js": postinstall,
  };
  const entries = Object.entries(files).map(
    ([name, text]) => ({ path: `package/${name}`, type: "file", text }) as const,
  );
  registry.files.set(path, gzipSync(tarOf(...entries)));
  const moduleDir = join(dir, `module-${next}`);
  const dependencies = { scripted: registry.url + path };
  writeModule(moduleDir, "scripted", SOURCE, {
    "ci/package.json": JSON.stringify({ type: "module", dependencies, ...packageJson }),
    ...more,
  });
  return await withModule({ storeDir, moduleDir }, async ({ call }) => String(await call(["made"]))).catch(
    (error: Error) => error.message,
  );
}

const WRITES = `require("node:fs").writeFileSync("made", process.version)`;

for (const packageManager of [undefined, "npm@11.8.0", "yarn@1.22.22", "pnpm@8.15.4"]) {
  scripts(`are run with the Node of functions where ${packageManager ?? "no package manager"} is named`, async () => {
    assert.is(await madeBy(WRITES, { packageManager }), "v24.13.1");
  });
}

scripts("are run by the npm that package.json names", async () => {
  const agent = `require("node:fs").writeFileSync("made", process.env.npm_config_user_agent.split(" ")[0])`;
  assert.is(await madeBy(agent, { packageManager: "npm@10.9.2" }), "npm/10.9.2");
});

scripts("are not run where the module's .npmrc says so", async () => {
  for (const packageManager of ["npm@11.8.0", "pnpm@8.15.4"])
    assert.is(await madeBy(WRITES, { packageManager }, { "ci/.npmrc": "ignore-scripts=true\n" }), "nothing");
});

scripts("are not run by a pnpm that asks first", async () => {
  assert.is(await madeBy(WRITES, { packageManager: "pnpm@10.18.0" }), "nothing");
});

scripts("are not run for Bun, and that is told", async () => {
  const moduleDir = join(dir, "bun");
  await madeBy(WRITES, {});
  const dependencies = { scripted: `${registry.url}/scripted-${next - 1}.tgz` };
  writeModule(moduleDir, "scripted", SOURCE, {
    "ci/package.json": JSON.stringify({ type: "module", dependencies, dagger: { runtime: "bun" } }),
  });
  const notes = await withModule({ storeDir, moduleDir }, async ({ events }) =>
    events.flatMap((event) => (event.kind === "note" ? [event.text] : [])),
  );
  assert.match(
    notes.join("\n"),
    'module "scripted": the install scripts of its packages are not run for Bun (scripted)',
  );
});

scripts("find programs of packages, which begin with /usr/bin/env", async () => {
  const asked = `const { execFileSync } = require("node:child_process");
    const { writeFileSync } = require("node:fs");
    writeFileSync("program", "#!/usr/bin/env node\\nconsole.log('ran')", { mode: 0o755 });
    writeFileSync("made", execFileSync("./program"))`;
  assert.is(await madeBy(asked, {}), "ran\n");
});

scripts("that fail are told in their own words, with what to do", async () => {
  const problem = await madeBy(`console.error("there is no compiler"); process.exit(3)`, {});
  assert.match(problem, 'npm could not run the install scripts of the packages of module "scripted": ');
  assert.match(problem, "there is no compiler");
  assert.match(problem, "\n  to do: if the packages work without them, write ignore-scripts=true into .npmrc");
});

scripts("find nothing of this machine", async () => {
  writeFiles(dir, { "secrets/key": "a key of this machine\n" });
  const variables = {
    SLIPWAY_TEST_TOKEN: "a-token-of-this-machine",
    npm_config_slipway_test: "a-token-of-this-machine",
  };
  const stolen = `const { readFileSync, existsSync, readdirSync, writeFileSync } = require("node:fs");
    const read = (path) => { try { return readFileSync(path, "utf8") } catch (error) { return error.code } };
    const connected = (path) => fetch("${registry.url}" + path).then(() => "reached", () => "not reached");
    const processes = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).map((id) => read("/proc/" + id + "/cmdline"));
    const others = processes.filter((line) => line.includes("uvu") || line.includes("install-scripts.test"));
    connected("/from-a-script").then((network) => writeFileSync("made", JSON.stringify({
      key: read(${JSON.stringify(join(dir, "secrets/key"))}),
      npmrc: read("/root/.npmrc"),
      caches: existsSync("/caches"),
      engine: existsSync("/run/slipway"),
      token: JSON.stringify(process.env).includes("a-token-of-this-machine"),
      others, network,
    })))`;
  const made = await withVariables(variables, () => madeBy(stolen, {}));
  assert.equal(JSON.parse(made), {
    key: "ENOENT",
    npmrc: "ENOENT",
    caches: false,
    engine: false,
    token: false,
    others: [],
    network: "not reached",
  });
  assert.not(registry.asked.includes("GET /from-a-script"));
});

scripts.run();
