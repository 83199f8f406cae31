import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");

/** A run of it has a name of its own, which is that of the failed test. */
const SCRIPT = `
read run </proc/sys/kernel/random/uuid
mkdir -p out
echo "<testsuite><testcase name='adds'/><testcase name='run-$run'><failure message='2 == 1'/></testcase></testsuite>" >out/junit.xml
printf 'SF:a\\nDA:1,1\\nDA:2,0\\nend_of_record\\n' >out/lcov.info
echo "run-$run says so"; echo "and complains" >&2
exit "$1"`;

const CHECK = "image: debian:bookworm-slim, reads: [run.sh], reports: { junit: out, lcov: out }";
const CONFIG = `product: demo
checks:
  sound: { run: "sh run.sh 0", ${CHECK} }
  spoilt: { run: "sh run.sh 3", ${CHECK} }
  killed: { run: "sh run.sh 1 || kill -9 $$", ${CHECK} }
  inside: { run: "sh run.sh 0", language: dockerfile, reports: { junit: out, lcov: out } }
  silent: { run: "sh run.sh 4", image: debian:bookworm-slim, reads: [run.sh] }
  plain: { run: "true", image: debian:bookworm-slim, reads: [run.sh] }
`;

const reports = suite("reports of checks");

let folder = "";

reports.before(() => {
  folder = mkdtempSync(join(tmpdir(), "reports-"));
  // Another one in each run of this test: what an engine remembers of the one before is not asked.
  writeFileSync(join(folder, "run.sh"), `# ${folder}\n${SCRIPT}\n`);
  writeFileSync(join(folder, "slipway.yaml"), CONFIG);
  writeFileSync(join(folder, "Dockerfile"), "FROM debian:bookworm-slim\nWORKDIR /app\nCOPY run.sh .\n");
});

reports.after(() => rmSync(folder, { recursive: true, force: true }));

function call(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(SLIPWAY, ["call", ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr, run: /run-[0-9a-f-]{36}/.exec(stdout + stderr)?.[0] ?? "no run" };
}

function collect(check: string, ...more: readonly string[]): string {
  const called = call("reports", "--name", check, ...more, "-o", "collected");
  assert.is(called.status, 0, called.stderr);
  assert.ok(existsSync(join(folder, `collected/${check}/out/lcov.info`)));
  return readFileSync(join(folder, `collected/${check}/out/junit.xml`), "utf8");
}

reports("are counted below what a check that passes prints, and collected without another run", () => {
  const called = call("check", "--name", "sound");
  assert.is(called.status, 0, called.stderr);
  const lines = [
    `${called.run} says so`,
    "",
    "sound: 1 passed, 1 failed, coverage 50.0%",
    `  ${called.run}: 2 == 1`,
    "",
  ];
  assert.is(called.stdout, lines.join("\n"));
  assert.ok(collect("sound").includes(called.run));
});

reports("of a check that fails are told before its own exit code and output, and collected without another run", () => {
  const called = call("check", "--name", "spoilt");
  assert.is(called.status, 3, called.stderr);
  assert.match(called.stderr, "spoilt: 1 passed, 1 failed, coverage 50.0%");
  assert.match(called.stderr, `${called.run}: 2 == 1`);
  assert.ok(
    called.stderr.includes(`Error: exit code: 3\nStdout:\n${called.run} says so\nStderr:\nand complains`),
    called.stderr,
  );
  assert.ok(collect("spoilt").includes(called.run));

  const again = call("check", "--name", "spoilt");
  assert.is.not(again.run, called.run, "what failed has not run again");
  assert.ok(collect("spoilt").includes(again.run));
});

reports("are of a new run of what failed, and of the same run of what passed, where this is asked for", () => {
  const [sound, spoilt] = [collect("sound"), collect("spoilt")];
  assert.is(collect("spoilt"), spoilt);
  const again = collect("spoilt", "--again");
  assert.is.not(again, spoilt, "what failed has not run again");
  assert.is(collect("spoilt"), again);
  assert.is(collect("sound", "--again"), sound);
});

reports("of a check that writes none say how it ended, with its output, and it is not run again for them", () => {
  const called = call("check", "--name", "silent");
  assert.is(called.status, 4, called.stderr);
  assert.ok(called.stderr.includes(`Error: exit code: 4\nStdout:\n${called.run} says so\nStderr:\nand complains`));
  const told = () => {
    assert.is(call("reports", "--name", "silent", "-o", "collected").status, 0);
    return readFileSync(join(folder, "collected/junit.xml"), "utf8");
  };
  assert.match(told(), called.run);

  const again = call("check", "--name", "silent");
  assert.is.not(again.run, called.run, "what failed has not run again");
  assert.match(told(), again.run);
});

reports("of a check that is killed are there as well", () => {
  const called = call("check", "--name", "killed");
  assert.is(called.status, 137, called.stderr);
  assert.match(called.stderr, "killed: 1 passed, 1 failed, coverage 50.0%");
});

reports("stand in the report of all checks, next to those that have none", () => {
  const called = call("test");
  assert.is(called.status, 3, called.stderr);
  assert.match(called.stderr, /sound +passed +\d+\.\d s {2}1 passed, 1 failed, coverage 50\.0%/);
  assert.match(called.stderr, /spoilt +failed +\d+\.\d s {2}1 passed, 1 failed, coverage 50\.0%/);
  assert.match(called.stderr, /plain +passed/);
  assert.match(called.stderr, "3 of 6 checks passed");
});

reports("of a check in the image of a Dockerfile are looked for in its WORKDIR, where it runs", () => {
  const called = call("check", "--name", "inside");
  assert.is(called.status, 0, called.stderr);
  assert.match(called.stdout, "\n\ninside: 1 passed, 1 failed, coverage 50.0%\n");
  assert.ok(collect("inside").includes(called.run));
});

reports("are how it ended for a check that has none of its own, and refused for one that there is not", () => {
  const called = call("reports", "--name", "plain", "-o", "collected");
  assert.is(called.status, 0, called.stderr);
  assert.match(readFileSync(join(folder, "collected/junit.xml"), "utf8"), '<testcase classname="plain" name="plain"');
  assert.not.ok(existsSync(join(folder, "collected/plain")));
  assert.match(call("reports", "--name", "spoiled").stderr, "spoilt");
});

reports.run();
