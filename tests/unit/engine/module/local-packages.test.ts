import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refuseLocalPackages } from "../../../../engine/src/module/local-packages.ts";
import type { PackageManager } from "../../../../engine/src/module/package-manager.ts";
import { writeFiles } from "../../../support/write-files.ts";

const local = suite("packages that are files of this machine");

const dir = mkdtempSync(join(tmpdir(), "slipway-local-packages-"));
local.after(() => rmSync(dir, { recursive: true, force: true }));

let next = 0;
function problemOf(name: PackageManager["name"], file: string, text: string): string {
  const place = join(dir, String(next++));
  writeFiles(place, { [file]: text });
  try {
    refuseLocalPackages(name, place, 'module "m"');
    return "";
  } catch (error) {
    return (error as Error).message.split(" is named as a package of ")[0] as string;
  }
}

const WRITTEN: Readonly<Record<PackageManager["name"], readonly [string, (resolved: string) => string]>> = {
  npm: [
    "node_modules/.package-lock.json",
    (resolved) => JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0", resolved } } }),
  ],
  yarn: [
    "node_modules/.yarn-integrity",
    (resolved) => JSON.stringify({ lockfileEntries: { [`@a/b@${resolved}`]: "" } }),
  ],
  pnpm: ["node_modules/.pnpm/lock.yaml", (resolved) => `packages:\n\n  a:\n    resolution: {tarball: ${resolved}}\n`],
  bun: ["bun.lock", (resolved) => `{\n "packages": {\n    "@a/b": ["@a/b@${resolved}", {}],\n  }\n}\n`],
};

for (const [name, [file, text]] of Object.entries(WRITTEN) as [PackageManager["name"], (typeof WRITTEN)["npm"]][]) {
  local(`are refused after an installation by ${name}, and those of a registry are not`, () => {
    assert.is(problemOf(name, file, text("file:../caches/a.tgz")), "file:../caches/a.tgz");
    assert.is(problemOf(name, file, text("https://registry.npmjs.org/a/-/a-1.0.0.tgz")), "");
    assert.is(problemOf(name, "other", ""), "");
  });
}

local("are refused also where they are folders or have no file: before them", () => {
  const folder = "packages:\n\n  a@file:../root:\n    resolution: {directory: ../root, type: directory}\n";
  assert.is(problemOf("pnpm", "node_modules/.pnpm/lock.yaml", folder), "../root");
  assert.is(problemOf("bun", "bun.lock", '{"packages":{"a": ["a@/tmp/a.tgz", {}]}}'), "/tmp/a.tgz");
  assert.is(problemOf("yarn", "node_modules/.yarn-integrity", '{"lockfileEntries":{"a@~/a":""}}'), "~/a");
});

local("that are links are no problem: a link leads nowhere in a container", () => {
  const link = JSON.stringify({ packages: { "node_modules/a": { resolved: "file:../a", link: true } } });
  assert.is(problemOf("npm", "node_modules/.package-lock.json", link), "");
});

local.run();
