import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeModule } from "../../support/served-module.ts";

/** The command line in a network namespace of its own, in which not even the loopback is up. */
const offline = suite("without any network");
const dir = mkdtempSync(join(tmpdir(), "slipway-offline-"));

const SOURCE = `
import { dag, func, object } from "@dagger.io/dagger";

@object()
export class Probe {
  /** Says hello. */
  @func() hello(name: string): string { return "hello " + name; }
  @func() file(): Promise<string> { return dag.directory().withNewFile("a", "made").file("a").contents(); }
  @func() image(): Promise<string> { return dag.container().from("nobody/nothing:1").withExec(["true"]).stdout(); }
}
`;

offline.before(() => {
  mkdirSync(join(dir, "empty"));
  writeModule(join(dir, "probe"), "probe", SOURCE);
  const dependencies = { "nobody-has-this": "1.0.0", "nor-has-anybody-this": "1.0.0" };
  writeModule(join(dir, "needy"), "probe", SOURCE, { "ci/package.json": JSON.stringify({ dependencies }) });
});
offline.after(() => rmSync(dir, { recursive: true, force: true }));

function slipway(words: readonly string[], { folder = "empty", input = "" } = {}) {
  const { status, stdout, stderr } = spawnSync("unshare", ["--net", resolve("slipway"), ...words], {
    cwd: join(dir, folder),
    input,
    encoding: "utf8",
    env: { ...process.env, SLIPWAY_STORE: join(dir, "store") },
    timeout: 90_000,
  });
  return { status, stdout, stderr };
}

offline("functions are listed and called, and their objects are made", () => {
  const inModule = { folder: "probe" };
  const listed = slipway(["functions"], inModule);
  assert.is(listed.status, 0, listed.stderr);
  assert.match(listed.stdout, /^hello +Says hello\.$/m);
  const called = slipway(["call", "hello", "--name", "you"], inModule);
  assert.equal([called.status, called.stdout.trim()], [0, "hello you"], called.stderr);
  const made = slipway(["call", "file"], inModule);
  assert.equal([made.status, made.stdout.trim()], [0, "made"], made.stderr);
});

offline("queries are answered, also about files of this machine", () => {
  const query = `{directory{withNewFile(path:"a",contents:"b"){entries}} host{directory(path:"."){entries}}}`;
  const { status, stdout, stderr } = slipway(["query"], { input: query });
  assert.is(status, 0, stderr);
  assert.equal(JSON.parse(stdout), {
    directory: { withNewFile: { entries: ["a"] } },
    host: { directory: { entries: [] } },
  });
});

offline("a program is run, and is told of its session", () => {
  const { status, stdout, stderr } = slipway(["run", "sh", "-c", 'test -n "$DAGGER_SESSION_TOKEN" && echo started']);
  assert.equal([status, stdout], [0, "started\n"], stderr);
});

offline("packages that are not there are given up when nobody has answered twice", () => {
  const { status, stdout, stderr } = slipway(["call", "hello", "--name", "you"], { folder: "needy" });
  assert.equal([status, stdout], [1, ""], stderr);
  const reached =
    "https://registry.npmjs.org/nobody-has-this cannot be reached: its name could not be looked up (EAI_AGAIN)";
  assert.match(stderr, `${reached}; npm tries again\n`);
  assert.match(
    stderr,
    `Error: npm could not install the packages of module "probe": ${reached}\n  to do: make it reachable`,
  );
});

offline("a module in a git repository ends the command with what git says, and what to do", () => {
  const { status, stderr } = slipway(["call", "-m", "github.com/nobody/nothing@v1", "hello"]);
  assert.is(status, 1, stderr);
  assert.match(
    stderr,
    /Error: git error: fatal: unable to access 'https:\/\/github\.com\/nobody\/nothing\/': Could not resolve host: github\.com \(git ls-remote .*\)\n {2}to do: make it reachable from this machine/,
  );
});

for (const [what, words, options] of [
  ["a query", ["query"], { input: '{container{from(address:"nobody/nothing:1"){sync}}}' }],
  ["a function", ["call", "image"], { folder: "probe" }],
] as const) {
  offline(`an image that is not there ends ${what} with one line that names it`, () => {
    const { status, stdout, stderr } = slipway(words, options);
    assert.is(status, 1, stderr);
    assert.is(stdout, "");
    const lines = stderr.split("\n").filter((line) => line.includes("failed to resolve image"));
    assert.match(
      lines.at(-1) ?? stderr,
      /failed to resolve image "docker\.io\/nobody\/nothing:1" \(platform: "linux\/\w+"\): failed to do request: Head "https:\/\/registry-1\.docker\.io\/v2\/nobody\/nothing\/manifests\/1": dial tcp: /,
    );
    assert.not.match(stderr, /\n\s+at .*:\d+:\d+/);
  });
}

offline.run();
