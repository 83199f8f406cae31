import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeFiles } from "../../support/write-files.ts";

const plain = suite("plain manifests");
const LIMIT_MS = 240_000;

plain("leave out what an administrator applies, also where it lies in the folder of the ring", async () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-plain-"));
  try {
    await execa("git", ["init", "--quiet"], { cwd: folder });
    writeFiles(folder, {
      "manifests/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: live }\n",
      "manifests/setup/rings.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: { name: live }\n",
      "slipway.yaml": 'rings: { live: { rules: "off", manifests: { path: manifests, kind: plain } } }\n',
    });
    const { exitCode, stdout, stderr } = await runSlipway(folder, ["call", "manifests"], { limitMs: LIMIT_MS });
    assert.is(exitCode, 0, stderr);
    assert.match(stdout, /^live +1 /m);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

plain.run();
