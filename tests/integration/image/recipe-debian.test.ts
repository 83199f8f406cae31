import {
  copyFileSync,
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
import type { RecipeStep } from "../../../engine/src/image/recipe.ts";
import { takeStep } from "../../../engine/src/image/recipe-steps.ts";
import { type DebianMirror, PLACES, startDebianMirror } from "../../support/debian-mirror.ts";
import { withVariables } from "../../support/with-variables.ts";

/** A mirror of Debian on loopback, signed by a key that the image trusts as Debian's. */
const debian = suite("what recipes load from Debian");

const dir = mkdtempSync(join(tmpdir(), "slipway-debian-"));
const settings = join(dir, "apt.conf");
const DAY_MS = 86_400_000;
let mirror: DebianMirror;
let next = 0;

debian.before(async () => {
  // This machine's own settings of apt would count.
  mkdirSync(join(dir, "none"));
  writeFileSync(settings, `Dir::Etc::Parts "${dir}/none";\nDir::Etc::main "/dev/null";\n`);
  mirror = await startDebianMirror();
});
debian.before.each(() => {
  mirror.publish();
  mirror.asked.length = 0;
});
debian.after(async () => {
  await mirror.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** As much of a Debian system as apt looks at. Its dpkg takes everything, and writes down what. */
function makeRoot(): string {
  const root = join(dir, `root-${next}`);
  const folders = ["bin", "dev", "proc", "tmp", "usr/bin", "usr/share/keyrings", "etc/apt/sources.list.d"];
  const state = ["var/log", "var/lib/dpkg/info", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial"];
  for (const folder of [...folders, ...state]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "var/lib/dpkg/status"), "");
  writeFileSync(join(root, "usr/share/keyrings/debian-archive-keyring.gpg"), mirror.keyring);
  writeFileSync(
    join(root, "etc/apt/sources.list.d/debian.sources"),
    "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
  );
  copyFileSync("/bin/busybox", join(root, "bin/sh"));
  writeFileSync(
    join(root, "usr/bin/dpkg"),
    '#!/bin/sh\nfor word; do case $word in *.deb) cat "$word" >> /installed ;; esac; done\n',
    {
      mode: 0o755,
    },
  );
  return root;
}

/** Installs the package, with what earlier installations have left in `shared`. */
async function install(shared = join(dir, `shared-${next}`), env: Readonly<Record<string, string>> = {}) {
  const root = makeRoot();
  const temporary = join(dir, `temporary-${next++}`);
  mkdirSync(temporary);
  const step: RecipeStep = { kind: "apt", packages: ["hello"] };
  const variables = { APT_CONFIG: settings, SLIPWAY_DEBIAN_MIRROR: `${mirror.url}/`, ...env };
  const why = await withVariables(variables, () =>
    takeStep(step, undefined, { root, temporary, sharedDir: shared }).then(
      () => "",
      ({ message }: Error) => message,
    ),
  );
  const installed = existsSync(join(root, "installed")) ? readFileSync(join(root, "installed")) : undefined;
  const kept = readdirSync(join(shared, "apt/archives")).filter((name) => name.endsWith(".deb"));
  return { why, installed, kept, shared, root };
}

function packageBytes(): Buffer {
  return mirror.files.get(PLACES.package) as Buffer;
}

function indexText(): string {
  return (mirror.files.get(PLACES.index) as Buffer).toString("utf8");
}

/** The same number of bytes, one of them another. */
function damaged(deb: Buffer): Buffer {
  const other = Buffer.from(deb);
  other[other.lastIndexOf("hello\n")] = 0x48;
  return other;
}

const LOOK =
  "check what answers there (a mirror, a proxy that wants a login): it is not what Debian signed, and nothing of it was kept";
const CLOCK = "check the clock of this machine (date)";

async function refused(words: RegExp, advice: string, shared?: string, env?: Readonly<Record<string, string>>) {
  const { why, installed, kept } = await install(shared, env);
  assert.match(why, new RegExp(`^Debian's packages hello could not be downloaded from ${mirror.url}: `));
  assert.match(why, words);
  assert.is(why.split("\n").at(-1), `  to do: ${advice}`);
  assert.is(installed, undefined);
  return kept;
}

debian("a package comes from the mirror that is set, and the image keeps Debian's own address", async () => {
  const { why, installed, root } = await install();
  assert.is(why, "");
  assert.equal(installed, packageBytes());
  assert.equal(
    mirror.asked.map((line) => line.replace("GET ", "")),
    [PLACES.index, PLACES.packages, PLACES.package],
  );
  const sources = readFileSync(join(root, "etc/apt/sources.list.d/debian.sources"), "utf8");
  assert.match(sources, "URIs: http://deb.debian.org/debian\n");
});

debian("a package that is there already is not loaded again, and one that was damaged meanwhile is", async () => {
  const first = await install();
  mirror.asked.length = 0;
  const second = await install(first.shared);
  assert.equal([second.why, second.installed, mirror.asked], ["", packageBytes(), [`GET ${PLACES.index}`]]);
  writeFileSync(join(first.shared, "apt/archives/hello_1.0_all.deb"), damaged(packageBytes()));
  mirror.asked.length = 0;
  const third = await install(first.shared);
  assert.equal([third.why, mirror.asked], ["", [`GET ${PLACES.index}`, `GET ${PLACES.package}`]]);
  assert.equal(third.installed, packageBytes());
});

debian("a package with one other byte is refused, and not kept", async () => {
  mirror.files.set(PLACES.package, damaged(packageBytes()));
  assert.equal(await refused(/Failed to fetch \S+hello\.deb {2}Hash Sum mismatch\n/, LOOK), []);
});

debian("a list of packages with one other byte is refused", async () => {
  mirror.files.set(PLACES.packages, String(mirror.files.get(PLACES.packages)).replace("1.0", "1.1"));
  await refused(/Failed to fetch \S+Packages {2}Hash Sum mismatch\n/, LOOK);
});

debian("an index with one other byte is refused, also where an older one is there", async () => {
  const tampered = indexText().replace("Origin: Debian", "Origin: Debiam");
  const { shared } = await install();
  mirror.files.set(PLACES.index, tampered);
  await refused(/The following signatures were invalid: BADSIG/, LOOK);
  await refused(/The following signatures were invalid: BADSIG/, LOOK, shared);
});

debian("an index without a signature is refused, whatever this machine's apt is set to", async () => {
  const plain = indexText()
    .replace(/^[\s\S]*?\n\n/, "")
    .replace(/-----BEGIN PGP SIGNATURE[\s\S]*$/, "");
  mirror.files.delete(PLACES.index);
  mirror.files.set(PLACES.index.replace("InRelease", "Release"), plain);
  const careless = join(dir, "careless.conf");
  writeFileSync(
    careless,
    `${readFileSync(settings, "utf8")}Acquire::AllowInsecureRepositories "true";\nAPT::Get::AllowUnauthenticated "true";\n`,
  );
  await refused(/The repository '\S+ bookworm Release' is not signed\./, LOOK, undefined, { APT_CONFIG: careless });
});

debian("an index that is signed by another key is refused", async () => {
  const other = await startDebianMirror();
  try {
    mirror.files.set(PLACES.index, other.files.get(PLACES.index) ?? "");
    await refused(/couldn't be verified because the public key is not available: NO_PUBKEY/, LOOK);
  } finally {
    await other.stop();
  }
});

debian("a web page in place of an index is refused", async () => {
  mirror.files.set(PLACES.index, "<html><title>Sign in</title></html>");
  await refused(/Clearsigned file isn't valid, got 'NOSPLIT'/, LOOK);
});

debian("an index that has run out is refused, unless this machine's apt is set to take it", async () => {
  const dates = { date: new Date(Date.now() - 9 * DAY_MS), validUntil: new Date(Date.now() - 2 * DAY_MS) };
  mirror.publish(dates);
  await refused(
    /Release file for \S+ is expired \(invalid since 2d /,
    `${CLOCK}, or use a mirror that is kept up to date`,
  );
  const lenient = join(dir, "lenient.conf");
  writeFileSync(lenient, `${readFileSync(settings, "utf8")}Acquire::Check-Valid-Until "false";\n`);
  assert.is((await install(undefined, { APT_CONFIG: lenient })).why, "");
});

debian("an index from the future is told as a wrong clock", async () => {
  mirror.publish({ date: new Date(Date.now() + 5 * DAY_MS) });
  await refused(/Release file for \S+ is not valid yet \(invalid for another 4d /, CLOCK);
});

debian("a package that has gone from the mirror is told with what can be done", async () => {
  mirror.files.delete(PLACES.package);
  await refused(
    /Failed to fetch \S+hello\.deb {2}404/,
    "try again, since mirrors change; or use a mirror that is complete (SLIPWAY_DEBIAN_MIRROR)",
  );
});

debian("a whole system from a mirror that Debian has not signed is refused", async () => {
  const root = join(dir, "system");
  const temporary = join(dir, "system-temporary");
  mkdirSync(temporary);
  const sources = ["deb http://deb.debian.org/debian bookworm main"];
  const step: RecipeStep = { kind: "debian", suite: "bookworm", sources, packages: [] };
  const why = await withVariables({ SLIPWAY_DEBIAN_MIRROR: mirror.url }, () =>
    takeStep(step, undefined, { root, temporary, sharedDir: dir }).then(
      () => "",
      ({ message }: Error) => message,
    ),
  );
  assert.match(why, new RegExp(`^Debian's bookworm could not be downloaded from ${mirror.url}: `));
  assert.match(why, /NO_PUBKEY/);
  assert.is(why.split("\n").at(-1), `  to do: ${LOOK}`);
});

for (const given of ["mirror.example", "ftp://mirror.example", "https://ann:secret@mirror.example", 'https://a"b']) {
  debian(`SLIPWAY_DEBIAN_MIRROR=${given} is refused`, async () => {
    const { why } = await install(undefined, { SLIPWAY_DEBIAN_MIRROR: given });
    assert.is(
      why,
      `SLIPWAY_DEBIAN_MIRROR is ${JSON.stringify(given)}\n  to do: set it to the address, without a password, below which debian and debian-security lie, such as https://mirror.example`,
    );
  });
}

debian.run();
