import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseReference } from "../../../../engine/src/image/reference.ts";
import { findLogin } from "../../../../engine/src/image/registry/credentials.ts";
import { RegistryError } from "../../../../engine/src/image/registry/fault.ts";
import { Patience, readPatience } from "../../../../engine/src/image/registry/patience.ts";

const patience = suite("patience with a registry");

const passing = (retryAfterMs?: number) =>
  new RegistryError("failed", "busy", {
    speaker: "registry",
    isTransient: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

/** Fails so often, then gives how often it failed. */
function failing(times: number, error = passing()): { work: () => Promise<number>; tries: () => number } {
  let tries = 0;
  return {
    work: async () => {
      if (tries++ < times) throw error;
      return tries - 1;
    },
    tries: () => tries,
  };
}

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => "no error",
    (error: Error) => error.message,
  );

patience("tries again until it succeeds, with pauses that grow", async () => {
  const lines: string[] = [];
  const calm = new Patience({ limitMs: 60_000, firstPauseMs: 8 }, (line) => lines.push(line));
  const before = Date.now();
  assert.is(await calm.retry(failing(5).work), 5);
  // At least half of 8 + 16 + 32 + 64 + 128, and not more than that by much.
  const took = Date.now() - before;
  assert.ok(took >= 120, `${took} ms`);
  assert.is(lines.length, 5);
  assert.match(lines[0] ?? "", /^busy; trying again in 0\.0 s$/);
});

patience("ends with what was said last, how often it was tried, and what sets the limit", async () => {
  const { work, tries } = failing(100);
  const said = await messageOf(new Patience({ limitMs: 50, firstPauseMs: 4 }).retry(work));
  assert.match(
    said,
    /^busy\n {2}tried \d+ times in 0\.\d s \(SLIPWAY_REGISTRY_PATIENCE sets the seconds of waiting\)$/,
  );
  assert.ok(tries() >= 3 && tries() <= 6, String(tries()));
});

patience("counts all pauses of one pull or push together", async () => {
  const calm = new Patience({ limitMs: 800, firstPauseMs: 1 });
  await calm.retry(failing(1, passing(300)).work);
  await calm.retry(failing(1, passing(300)).work);
  const { work, tries } = failing(1, passing(300));
  await messageOf(calm.retry(work));
  assert.is(tries(), 1);
});

patience("counts pauses at the same time once", async () => {
  const calm = new Patience({ limitMs: 400, firstPauseMs: 100 });
  const all = await Promise.all(Array.from({ length: 20 }, () => calm.retry(failing(1).work)));
  assert.equal(all, Array(20).fill(1));
});

patience("does not wait at all with a limit of 0", async () => {
  const { work, tries } = failing(1);
  assert.match(await messageOf(new Patience({ limitMs: 0 }).retry(work)), /^busy\n {2}tried once \(/);
  assert.is(tries(), 1);
});

patience("tries nothing again that fails for good, or that is a fault of ours", async () => {
  for (const error of [new RegistryError("failed", "no"), new TypeError("ours")]) {
    const { work, tries } = failing(1, error as RegistryError);
    assert.is(await messageOf(new Patience({ limitMs: 1_000 }).retry(work)), error.message);
    assert.is(tries(), 1);
  }
});

patience("gives up at once when the registry asks for more than is left", async () => {
  const { work, tries } = failing(1, passing(3_600_000));
  const said = await messageOf(new Patience({ limitMs: 60_000 }).retry(work));
  assert.is(said, "busy\n  tried once; it asks to wait 3600 s (SLIPWAY_REGISTRY_PATIENCE sets the seconds of waiting)");
  assert.is(tries(), 1);
});

patience("is read from seconds, and nothing else", () => {
  assert.is(readPatience(undefined).limitMs, 60_000);
  assert.is(readPatience("").limitMs, 60_000);
  assert.is(readPatience("0").limitMs, 0);
  assert.is(readPatience("1.5").limitMs, 1_500);
  for (const wrong of ["-1", "1m", "a", "Infinity", " 5"]) {
    assert.throws(() => readPatience(wrong), /^SLIPWAY_REGISTRY_PATIENCE is ".*"\n {2}to do: set it to the seconds/);
  }
});

const login = suite("who asks a registry");

const encoded = (text: string) => Buffer.from(text).toString("base64");
const nested = parseReference("r.io:5000/team/app/x:1");
let home = "";

login.before(() => {
  home = mkdtempSync(join(tmpdir(), "logins-"));
});
login.after(() => rmSync(home, { recursive: true, force: true }));

async function loginFrom(file: object | string, address = "r.io:5000/team/app/x:1"): Promise<string | undefined> {
  mkdirSync(join(home, ".docker"), { recursive: true });
  writeFileSync(join(home, ".docker/config.json"), typeof file === "string" ? file : JSON.stringify(file));
  const found = await findLogin(parseReference(address), [], {
    HOME: home,
    PATH: process.env["PATH"],
    XDG_RUNTIME_DIR: home,
  });
  return found === undefined ? undefined : `${found.username}:${found.password}${found.identityToken ?? ""}`;
}

login("is who was given for the registry, the last one, before any file", async () => {
  const given = [
    { address: "r.io:5000", username: "a", password: "1" },
    { address: "https://r.io:5000/v2/", username: "b", password: "2" },
    { address: "other.io", username: "c", password: "3" },
    { address: "r.io", username: "d", password: "4" },
  ];
  assert.equal(await findLogin(nested, given), { username: "b", password: "2" });
});

login("is the person's own, of the nearest address", async () => {
  const auths = {
    "r.io:5000": { auth: encoded("host:p:q") },
    "r.io:5000/team": { auth: encoded("team:p") },
    "r.io:5000/other": { auth: encoded("other:p") },
  };
  assert.is(await loginFrom({ auths }), "team:p");
  assert.is(await loginFrom({ auths }, "r.io:5000/teams/x"), "host:p:q");
  assert.is(await loginFrom({ auths }, "r.io/team/x"), undefined);
});

login("knows Docker Hub by its old addresses", async () => {
  for (const address of ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"]) {
    assert.is(await loginFrom({ auths: { [address]: { auth: encoded("me:p") } } }, "debian"), "me:p", address);
  }
});

login("is an identity token where there is one", async () => {
  assert.is(
    await loginFrom({ auths: { "r.io:5000": { auth: encoded("<token>:"), identitytoken: "tok" } } }),
    "<token>:tok",
  );
});

login("asks a helper, and is nobody when the helper has nothing", async () => {
  assert.is(await loginFrom({ credHelpers: { "r.io:5000": "none-such-helper" } }), undefined);
  assert.is(await loginFrom({}), undefined);
});

login("says which file cannot be read", async () => {
  const said = await messageOf(loginFrom("{broken"));
  assert.is(
    said,
    `${home}/.docker/config.json cannot be read as JSON\n  to do: log in again (docker login), or remove the file`,
  );
});

patience.run();
login.run();
