import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeFiles } from "../../support/write-files.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

/** A page names a file and shows its text behind that. */
const SHOWN = /^`([^`]+)` [^\n]*\n\n```(?:json|ts)\n([\s\S]*?)^```$/gm;

const SERVICE: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({
    name: "orders",
    type: "module",
    scripts: { start: "node main.js", test: "node --test" },
  }),
  "main.js": `import { createServer } from "node:http";
if (process.env.KAFKA_BROKERS !== "kafka:9092") throw new Error("no broker");
createServer((_, answer) => answer.end("here")).listen(Number(process.env.PORT));
`,
  "main.test.js": `import { test } from "node:test";\ntest("adds", () => {});\n`,
};

const page = suite("a module of one's own, as its page shows it");

let folder = "";

page.before(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-own-"));
  const shown = [...readFileSync(join(CHECKOUT, "docs/own-module.md"), "utf8").matchAll(SHOWN)];
  assert.equal(
    shown.map(([, path]) => path),
    ["dagger.json", ".dagger/package.json", ".dagger/src/index.ts"],
  );
  writeFiles(folder, { ...SERVICE, ...Object.fromEntries(shown.map(([, path = "", text = ""]) => [path, text])) });
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.example", ...words]);
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message=one");
});

page.after(() => rmSync(folder, { recursive: true, force: true }));

const call = async (...words: readonly string[]) => await runSlipway(folder, ["call", ...words]);

page("runs Slipway's checks on the repository that it is called in, and goes on with its image", async () => {
  const { exitCode, stdout, stderr } = await call("test");
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, /^unit {2}passed .*pass 1, fail 0$/m);
  assert.match(stdout, /^1 of 1 checks passed in /m);
  assert.match(stdout, /\n200 here\n$/);
});

page("fails by the failure of a check, with what it printed and its exit code", async () => {
  writeFiles(folder, {
    "main.test.js": `import { test } from "node:test";\ntest("adds", () => { throw new Error("planted"); });\n`,
  });
  const { exitCode, stderr } = await call("unit");
  assert.is(exitCode, 1);
  assert.match(stderr, /Error: planted/);
});

page(
  "is told about the caller's rings by Slipway's check of manifests, which is skipped where there are none",
  async () => {
    const source = "github.com/slipway/slipway@v0.1.0";
    const asked = async () => await call("slipway", "manifests");
    writeFiles(folder, {
      "dagger.json": JSON.stringify({
        name: "shop",
        engineVersion: "v0.21.8",
        toolchains: [{ name: "slipway", source }],
      }),
    });
    const none = await asked();
    assert.equal(
      [none.exitCode, none.stdout],
      [0, "skipped: slipway.yaml names no ring, so there are no manifests to check\n"],
    );
    writeFiles(folder, { "slipway.yaml": "rings: { harbour: {} }\n" });
    const { exitCode, stderr } = await asked();
    assert.is(exitCode, 1);
    assert.match(stderr, /ring harbour has no manifests: there is no manifests\/harbour/);
  },
);

page("gives a check what it needs at an address that it is told, and no socket of Docker", async () => {
  const run = `test ! -e /var/run/docker.sock && test -z "$DOCKER_HOST" && node -e 'const [host, port] = process.env.TEST_BROKERS.split(":"); require("node:net").connect(port, host, () => { console.log(process.env.TEST_BROKERS, process.env.KAFKA_BROKERS); process.exit(); })'`;
  const checks = { integration: { run, needs: ["kafka"], env: { TEST_BROKERS: "{kafka}" } } };
  writeFiles(folder, { "slipway.yaml": JSON.stringify({ checks }) });
  const { exitCode, stdout, stderr } = await call("slipway", "check", "--name=integration");
  assert.is(exitCode, 0, stderr);
  assert.is(stdout, "kafka:9092 kafka:9092\n");
});

page.run();
