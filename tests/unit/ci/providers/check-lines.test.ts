import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkLines } from "../../../../ci/src/providers/install.ts";

const lines = suite("the lines of a job of checks");

let folder = "";

lines.before(() => {
  folder = mkdtempSync(join(tmpdir(), "check-lines-"));
  mkdirSync(join(folder, "reports"));
});

lines.after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs them as runners do, which stop at the first command that fails and add commands of their own. */
function run({ called, told }: { readonly called: number; readonly told: number }, last: readonly string[] = []) {
  writeFileSync(join(folder, "reports/verdict.sh"), `echo told; exit ${told}\n`);
  const job = { id: "test", engine: "embedded", call: `sh -c "exit ${called}"`, minutes: 1, secrets: [] } as const;
  const script = checkLines(job, (call) => call, ["echo kept"], last);
  const { status, stdout } = spawnSync("sh", ["-e"], {
    cwd: folder,
    encoding: "utf8",
    input: [...script, "echo after"].join("\n"),
  });
  return [status, ...stdout.split("\n").filter((line) => line !== "")];
}

lines("end with the exit code of the checks, whatever the runner does next", () => {
  assert.equal(run({ called: 0, told: 0 }), [0, "kept", "told", "after"]);
  assert.equal(run({ called: 0, told: 3 }), [3, "kept", "told"]);
});

lines("end with the exit code of the call where that fails, and tell no results", () => {
  assert.equal(run({ called: 7, told: 0 }), [7]);
});

lines("do what is to be done last in any case, and end with the same exit code", () => {
  const last = ["echo $code at last"];
  assert.equal(run({ called: 0, told: 0 }, last), [0, "kept", "told", "0 at last"]);
  assert.equal(run({ called: 0, told: 3 }, last), [3, "kept", "told", "3 at last"]);
  assert.equal(run({ called: 7, told: 0 }, last), [7, "7 at last"]);
});

lines.run();
