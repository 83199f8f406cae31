import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../../cluster/command.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { asOrdinaryUser } from "../../support/ordinary-user.ts";
import { writeModule } from "../../support/served-module.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");

/** Needs a service, a cache volume, an exec and an archive, and so each of the programs that the engine starts. */
const SOURCE = `
import { dag, Directory, func, object } from "@dagger.io/dagger";
@object() export class Probe {
  @func({ cache: "never" }) async all(root: Directory, name: string): Promise<string> {
    const box = dag.container().withRootfs(root);
    const args = ["sh", "-c", "while true; do echo served | nc -l -p 7777; done"];
    const served = await box.withServiceBinding("s", box.withExposedPort(7777).asService({ args }))
      .withMountedCache("/c", dag.cacheVolume("c")).withEnvVariable("NAME", name)
      .withExec(["sh", "-c", "nc s 7777; echo x > /f"]).stdout();
    return served.trim() + ((await box.withNewFile("/n", name).asTarball().size()) > 0);
  }
}`;

const few = suite("with too few");
let dir = "";

few.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-few-"));
  // An ordinary user reads what is in it.
  chmodSync(dir, 0o755);
  makeBusyboxRoot(join(dir, "root"), ["sh", "echo", "nc"]);
  writeModule(join(dir, "probe"), "probe", SOURCE);
  mkdirSync(join(dir, "user"));
});
few.after(() => rmSync(dir, { recursive: true, force: true }));

/** @param around words before the command */
async function slipway(around: readonly string[], store: string) {
  const words = ["call", "all", "--root", join(dir, "root"), "--name", `n${Math.random()}`];
  const [program = "", ...args] = [...around, SLIPWAY, ...words];
  const env = { NO_COLOR: "1", SLIPWAY_STORE: store };
  return await runCommand([program, ...args], { cwd: join(dir, "probe"), env, limitMs: 120_000 });
}

for (const [what, limit, counts, user] of [
  ["open files", "nofile", [30, 33, 36, 38, 40, 42, 44, 45, 46, 48], []],
  ["processes", "nproc", [4, 8, 12, 14, 16, 18, 20, 22, 26, 30, 32, 34, 36], undefined],
] as const) {
  few(`${what} each command works or says what to do, and the next one works`, async () => {
    const around = user ?? asOrdinaryUser(join(dir, "user"));
    const store = join(dir, "user/home/store");
    mkdirSync(join(store, ".."), { recursive: true });
    const first = await slipway(around, store);
    assert.is(first.exitCode, 0, first.stderr);
    let refused = 0;
    for (const count of counts) {
      const { exitCode, stdout, stderr } = await slipway([...around, "prlimit", `--${limit}=${count}`], store);
      if (exitCode === 0) assert.is(stdout.trim(), "servedtrue");
      else {
        refused += 1;
        assert.match(
          stderr,
          /\n {2}to do: allow this user.* (?:open more files|start more processes) .*, or end other programs\n/,
          `${count}: ${stderr}`,
        );
        assert.not.match(stderr, /TypeError|node:internal/, `${count}: ${stderr}`);
      }
      assert.equal(readdirSync(join(store, "run")), [], `${count}: ${stderr}`);
    }
    assert.ok(refused > 0, "nothing was ever refused");
    const last = await slipway(around, store);
    assert.is(last.exitCode, 0, last.stderr);
    assert.is(last.stdout.trim(), "servedtrue");
    rmSync(store, { recursive: true, force: true });
  });
}

few.run();
