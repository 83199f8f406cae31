/** The command's set-up loads nothing while offline. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
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
  for (const [name, more] of [
    ["apt-get", ""],
    ["npm", ofNpm],
  ] as const) {
    const stub = join(dir, "bin", name);
    writeFileSync(stub, `#!/bin/sh\necho "${name} $*" >> ${log}\n${more}exit 1\n`);
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
const NPM_FAILED = "slipway: npm ci failed (its last lines are above)";
const modules = () => readdirSync(join(dir, "node_modules"));
const former = () => existsSync(join(dir, "engine/dist/.node_modules"));

/** Makes it a checkout meanwhile. */
function inCheckout(check: () => void): void {
  mkdirSync(join(dir, "engine"), { recursive: true });
  writeFileSync(join(dir, "engine/build.mjs"), "");
  try {
    check();
  } finally {
    for (const name of ["engine", "node_modules"]) rmSync(join(dir, name), { recursive: true, force: true });
  }
}

setUp("npm packages of a checkout come from npm's own cache", () => {
  inCheckout(() => {
    assert.equal(run(["setup"], { SLIPWAY_OFFLINE: "1" }).asked, [
      "npm ci --offline --omit=dev --ignore-scripts --no-audit --no-fund",
    ]);
    rmSync(log);
    assert.equal(run(["setup"]).asked, [WITHOUT_TESTS]);
  });
});

setUp("npm packages for tests come only when they are asked for, and stay from then on", () => {
  inCheckout(() => {
    assert.equal(run(["call", "test"]).asked, [WITHOUT_TESTS]);
    rmSync(log);
    assert.equal(run(["setup", "--for-tests"]).asked, [WITH_TESTS]);
    rmSync(log);
    mkdirSync(join(dir, "node_modules/tsx"), { recursive: true });
    assert.equal(run(["call", "test"]).asked, [WITH_TESTS]);
  });
});

setUp("npm packages for tests are brought into a checkout that was set up without them", () => {
  inCheckout(() => {
    const lock = join(dir, "package-lock.json");
    writeFileSync(lock, '{ "packages": { "node_modules/tsx": { "version": "4.0.0", "dev": true } } }');
    mkdirSync(join(dir, "node_modules"));
    writeFileSync(join(dir, "node_modules/.package-lock.json"), '{ "packages": {} }');
    const npmOf = (words: readonly string[]) => run(words).asked.filter((asked) => asked.startsWith("npm"));
    assert.equal([npmOf(["setup"]), existsSync(join(dir, "engine/dist/.stamp"))], [[], true]);
    assert.equal(npmOf(["setup", "--for-tests"]), [WITH_TESTS]);
    rmSync(lock);
  });
});

for (const [how, variables] of [
  ["offline", { SLIPWAY_OFFLINE: "1" }],
  ["where the network is away", {}],
] as const) {
  setUp(`npm packages stay when others cannot be had, ${how}`, () => {
    inCheckout(() => {
      mkdirSync(join(dir, "node_modules/old"), { recursive: true });
      for (let time = 0; time < 2; time++) {
        assert.is(run(["setup"], variables).stderr.split("\n").at(-2), NPM_FAILED);
        assert.equal([modules(), former()], [["old"], false]);
      }
    });
  });
}

setUp("npm packages stay when the set-up was interrupted while it brought others", () => {
  inCheckout(() => {
    mkdirSync(join(dir, "engine/dist/.node_modules/old"), { recursive: true });
    mkdirSync(join(dir, "node_modules/half"), { recursive: true });
    assert.is(run(["setup"]).stderr.split("\n").at(-2), NPM_FAILED);
    assert.equal([modules(), former()], [["old"], false]);
  });
});

setUp("npm packages are others when those can be had", () => {
  inCheckout(() => {
    mkdirSync(join(dir, "node_modules/old"), { recursive: true });
    run(["setup"], { NETWORK: "1" });
    assert.equal([modules(), former()], [["new"], false]);
  });
});

setUp.run();
