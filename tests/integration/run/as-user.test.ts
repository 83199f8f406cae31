import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isUserNamespace } from "../../support/ordinary-user.ts";

/** The tests of this room which root runs once more as an ordinary user, in a user namespace, as ./slipway starts the engine. */
const files = [
  "run/containers",
  "run/session-containers",
  "run/healthchecks",
  "run/network",
  "run/killed-engine",
  "isolation/archives",
  "isolation/exports",
  "isolation/images",
  "isolation/leftovers",
  "isolation/repositories",
  "isolation/strangers",
  "isolation/paths",
  "isolation/advisories",
  "isolation/bounds",
  "isolation/devices",
  "isolation/system-calls",
  "isolation/network",
  "isolation/secrets",
];

const asUser = suite("as an ordinary user");
const user = findUser();

for (const file of files) {
  asUser(`${file}: everything works without root`, () => {
    if (process.getuid?.() !== 0 || isUserNamespace())
      return console.log("NOT NEEDED: this run is one of an ordinary user already");
    if (user === undefined)
      return console.log(
        "NOT TESTED as an ordinary user: nobody has an account and a range in /etc/subuid (useradd gives both)",
      );
    const text = ["--import", "./tests/support/text-modules.mjs"];
    const test = [...text, "node_modules/uvu/bin.js", "tests/integration", `^${file}\\.test\\.ts$`];
    const unshare = ["unshare", "--user", "--map-auto", "--map-root-user", "--mount"];
    const { status, stdout, stderr } = spawnSync(
      "setpriv",
      [
        "--reuid",
        user,
        "--regid",
        user,
        "--init-groups",
        "--reset-env",
        ...unshare,
        process.execPath,
        "--import",
        "tsx",
        ...test,
      ],
      { encoding: "utf8", timeout: 120_000 },
    );
    assert.is(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /Passed:\s+\S*[1-9]/);
    return undefined;
  });
}

/** Somebody who may map many users: has an account and a range of subordinate ones. */
function findUser(): string | undefined {
  const withRange = readOptional("/etc/subuid")
    .split("\n")
    .map((line) => line.split(":")[0] ?? "");
  const accounts = new Set(
    readOptional("/etc/passwd")
      .split("\n")
      .map((line) => line.split(":")[0]),
  );
  return withRange.find((name) => name !== "" && name !== "root" && accounts.has(name));
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

asUser.run();
