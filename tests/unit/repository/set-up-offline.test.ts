/** The command's set-up loads nothing while offline. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const setUp = suite("the set-up while offline");

const dir = mkdtempSync(join(tmpdir(), "slipway-set-up-"));
const log = join(dir, "log");

setUp.before(() => {
  // A system without a package that is needed, and with an apt-get and an npm that only write down that they were asked.
  const script = readFileSync("slipway", "utf8").replace("crun:crun ", "no-such-command:no-such-package ");
  writeFileSync(join(dir, "slipway"), script, { mode: 0o755 });
  mkdirSync(join(dir, "bin"));
  for (const name of ["apt-get", "npm"]) {
    const stub = join(dir, "bin", name);
    writeFileSync(stub, `#!/bin/sh\necho "${name} $*" >> ${log}\nexit 1\n`);
    chmodSync(stub, 0o755);
  }
});
setUp.before.each(() => rmSync(log, { force: true }));
setUp.after(() => rmSync(dir, { recursive: true, force: true }));

function run(words: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const env = {
    ...process.env,
    PATH: `${dir}/bin:${process.env["PATH"]}`,
    SLIPWAY_STORE: join(dir, "store"),
    ...variables,
  };
  const { status, stderr } = spawnSync(join(dir, "slipway"), words, { encoding: "utf8", env });
  return { status, stderr, asked: existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [] };
}

const REFUSED = {
  status: 1,
  stderr:
    "slipway: these system packages are missing, and nothing is loaded while offline: no-such-package\n  to do: run slipway setup once with a network\n",
  asked: [],
};

for (const [how, words, variables] of [
  ["by the flag", ["call", "test", "--offline"], {}],
  ["by the flag before the command", ["--offline", "call", "test"], {}],
  ["by the flag with a value", ["setup", "--offline=true"], {}],
  ["by the variable", ["setup"], { SLIPWAY_OFFLINE: "1" }],
] as const) {
  setUp(`system packages that are missing are told and not installed, ${how}`, () => {
    assert.equal(run(words, variables), REFUSED);
  });
}

for (const value of ["", "0", "false", "no", "off"]) {
  setUp(`SLIPWAY_OFFLINE=${value} lets them be installed`, () => {
    assert.equal(run(["setup"], { SLIPWAY_OFFLINE: value }).asked, [
      "apt-get update",
      "apt-get install -y --no-install-recommends no-such-package",
    ]);
  });
}

setUp("npm packages of a checkout come from npm's own cache", () => {
  mkdirSync(join(dir, "engine"), { recursive: true });
  writeFileSync(join(dir, "engine/build.mjs"), "");
  try {
    assert.equal(run(["setup"], { SLIPWAY_OFFLINE: "1" }).asked, [
      "npm ci --offline --ignore-scripts --no-audit --no-fund",
    ]);
    rmSync(log);
    assert.equal(run(["setup"]).asked, ["npm ci --ignore-scripts --no-audit --no-fund"]);
  } finally {
    rmSync(join(dir, "engine"), { recursive: true });
  }
});

setUp.run();
