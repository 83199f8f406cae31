import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RunSandbox } from "../../support/run-sandbox.ts";

const programs = suite("the programs of this machine that containers need");

const folder = "/usr/sbin";

/** Does work in a machine whose administrator's programs lack these: in our own mount namespace. */
async function without(isHidden: (name: string) => boolean, work: () => Promise<void>): Promise<void> {
  const whole = mkdtempSync(join(tmpdir(), "slipway-programs-"));
  execFileSync("mount", ["--bind", folder, whole]);
  execFileSync("mount", ["-t", "tmpfs", "none", folder]);
  try {
    for (const name of readdirSync(whole)) if (!isHidden(name)) symlinkSync(join(whole, name), join(folder, name));
    await work();
  } finally {
    execFileSync("umount", [folder]);
    execFileSync("umount", [whole]);
    rmdirSync(whole);
  }
}

/** What the person is told of the network of containers, if anything. */
async function findLimitation(): Promise<string | undefined> {
  const sandbox = new RunSandbox();
  try {
    const lease = await sandbox.network.lease("client");
    await lease.release();
    return sandbox.limitation;
  } finally {
    await sandbox.close();
  }
}

if (!existsSync(`${folder}/iptables-restore`)) {
  console.log(`NOT TESTED: a machine without iptables, because this one has none in ${folder}`);
} else {
  programs("without those for the way out it is said once what is missing, and the set-up installs it", async () => {
    await without(
      (name) => /^(?:(?:ip|x)tables|nft$)/.test(name),
      async () => {
        const said = (await findLimitation()) ?? "";
        assert.match(said, /^containers cannot reach the outside, because /);
        const missing = [...said.matchAll(/([\w-]+) is not installed/g)].map((match) => match[1]);
        assert.equal(missing, ["iptables-restore", "iptables-legacy-restore", "nft"], said);
        const installed = /^needed="([^"]+)"/m.exec(readFileSync("slipway", "utf8"))?.[1] ?? "";
        assert.match(installed, / iptables-restore:iptables\s/);
      },
    );
  });
}

programs.run();
