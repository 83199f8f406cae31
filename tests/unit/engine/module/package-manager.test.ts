import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ModuleProblem } from "../../../../engine/src/module/config.ts";
import { type PackageManager, packageManagerOf } from "../../../../engine/src/module/package-manager.ts";

const manager = suite("package manager of a module");

function of(files: Readonly<Record<string, string>>, named?: unknown): PackageManager {
  const packageJson = JSON.stringify({ packageManager: named });
  return packageManagerOf(named, (path) => ({ "package.json": packageJson, ...files })[path]);
}

manager("is the one whose lock file is there, in the versions of Dagger's SDK", () => {
  assert.equal(of({ "package-lock.json": "{}" }), { name: "npm", lock: "package-lock.json" });
  assert.equal(of({ "yarn.lock": "# yarn lockfile v1\n" }), { name: "yarn", version: "1.22.22", lock: "yarn.lock" });
  assert.equal(of({ "pnpm-lock.yaml": "lockfileVersion: '6.0'\n" }), {
    name: "pnpm",
    version: "8.15.4",
    lock: "pnpm-lock.yaml",
  });
  assert.equal(of({ "bun.lock": "{}" }), { name: "bun", version: "1.3.0", lock: "bun.lock" });
});

manager(
  "without a lock file is npm by the rules of Yarn 1, or Yarn itself where package.json overrules versions for it",
  () => {
    const packageJson = (rest: object) => ({ "package.json": JSON.stringify(rest) });
    assert.equal(of({}), { name: "npm", skipsPeers: true });
    assert.equal(of(packageJson({ resolutions: {} })), { name: "npm", skipsPeers: true });
    assert.equal(of(packageJson({ resolutions: { ms: "2.0.0" } })), { name: "yarn", version: "1.22.22" });
    const lock = { "yarn.lock": "__metadata:\n  version: 8\n" };
    assert.equal(of({ ...lock, ...packageJson({ resolutions: { ms: "2.0.0" } }) }), {
      name: "yarn",
      version: "1.22.22",
      ignored: "yarn.lock",
    });
  },
);

manager("without a lock file is Yarn where a package is from elsewhere than a registry", () => {
  const by = (spec: string) => of({ "package.json": JSON.stringify({ dependencies: { ms: spec } }) }).name;
  for (const spec of ["file:./ms", "link:../ms", "./ms", "~/ms", "/ms", "git+ssh://git@host/ms.git", "vercel/ms#2.0.0"])
    assert.is(by(spec), "yarn", spec);
  for (const spec of ["^2.0.0", "latest", "2 || 3", "*", "npm:other@1", "https://host/ms.tgz"])
    assert.is(by(spec), "npm", spec);
});

manager("prefers the lock files as the SDK does: Bun's, then npm's, Yarn's and pnpm's", () => {
  const all = { "bun.lock": "{}", "package-lock.json": "{}", "yarn.lock": "", "pnpm-lock.yaml": "" };
  assert.is(of(all).name, "bun");
  const { "bun.lock": _bun, ...three } = all;
  assert.is(of(three).name, "npm");
  const { "package-lock.json": _npm, ...two } = three;
  assert.is(of(two).name, "yarn");
  assert.is(of({ ...three, "bun.lock": "{}", "package.json": '{"dagger":{"runtime":"node"}}' }).name, "npm");
});

manager("is what packageManager says, with or without a checksum, and never Bun's place in a module for Bun", () => {
  const lock = { "pnpm-lock.yaml": "lockfileVersion: '9.0'\n" };
  const pnpm = { name: "pnpm", version: "9.15.0", lock: "pnpm-lock.yaml" };
  assert.equal(of(lock, "pnpm@9.15.0"), pnpm);
  assert.equal(of(lock, "pnpm@9.15.0+sha512.76e2379760a4328ec4415815bcd6628dee727af3779aaa4c914e3944156c4299"), pnpm);
  assert.equal(of({ "yarn.lock": "" }, "npm@11.8.0"), { name: "npm", version: "11.8.0", ignored: "yarn.lock" });
  assert.equal(of({ "package-lock.json": "{}" }, "npm@6.14.18"), {
    name: "npm",
    insteadOf: "npm 6.14.18",
    lock: "package-lock.json",
  });
  assert.is(of({ "bun.lock": "{}" }, "npm@11.8.0").name, "bun");
});

manager("does not look at npm-shrinkwrap.json, as the SDK does not, and that is told", () => {
  const lock = { "npm-shrinkwrap.json": "{}" };
  assert.equal(of(lock), { name: "npm", skipsPeers: true, ignored: "npm-shrinkwrap.json" });
  assert.is(of(lock, "npm@11.8.0").ignored, "npm-shrinkwrap.json");
  assert.is(of({ ...lock, "yarn.lock": "" }).name, "yarn");
});

manager("reads a lock file of pnpm 9 by a pnpm that knows it", () => {
  assert.is(of({ "pnpm-lock.yaml": "lockfileVersion: '9.0'\n" }).version, "10.34.9");
});

manager("is npm where Yarn 2 or newer is meant, and its lock file is told", () => {
  const lock = { "yarn.lock": "__metadata:\n  version: 8\n" };
  assert.equal(of(lock), { name: "npm", skipsPeers: true, ignored: "yarn.lock" });
  assert.equal(of({ "yarn.lock": "" }, "yarn@4.2.0"), { name: "npm", skipsPeers: true, ignored: "yarn.lock" });
});

for (const [named, message] of [
  ["pnpm", "failed to detect package manager: packageManager version is missing, please add it to your package.json"],
  ["cnpm@1.0.0", "failed to detect package manager: detected unknown package manager: cnpm"],
  ["pnpm@^9", 'packageManager of package.json is "pnpm@^9", and its version is not exact: write it as pnpm@1.2.3'],
] as const) {
  manager(`of the name ${named} is refused`, () => {
    assert.throws(
      () => of({}, named),
      (error: unknown) => error instanceof ModuleProblem && error.message === message,
    );
  });
}

manager.run();
