/** What is found in an image, and how it is told: CycloneDX's own schema is the judge of the form. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describeContents } from "../../../../ci/src/attestations/cyclonedx.ts";
import { findPackages } from "../../../../ci/src/attestations/program/contents/find.ts";
import type { Contents, Package } from "../../../../ci/src/attestations/program/contents/package.ts";
import { purlOf } from "../../../../ci/src/attestations/purl.ts";
import { writeFiles } from "../../../support/write-files.ts";
import { goProgram } from "./go-program.ts";
import { zip } from "./zip.ts";

const folders: string[] = [];
const packages = suite("the packages of an image");
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

packages.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function imageOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "image-"));
  folders.push(folder);
  writeFiles(folder, files);
  return folder;
}

const IMAGE = { name: "docker.io/acme/shop-api", digest: `sha256:${"a1".repeat(32)}` };

/** What a person sees first: each package by its address. */
function purlsOf(contents: Contents): (string | undefined)[] {
  return contents.packages.map((one) => purlOf(one, contents.system));
}

const DPKG = `Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u10
Description: GNU C Library
 Version: 9 is only a word of the description
Conffiles:
 /etc/ld.so.conf 1234

Package: gone
Status: deinstall ok config-files
Version: 1

Package: half
Status: install reinstreq half-installed
Version: 1

Package: epoch
Status: hold ok installed
Version: 1:2.0~rc1-1
`;

packages("of Debian are those that are installed", () => {
  const folder = imageOf({
    "etc/os-release": 'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n',
    "var/lib/dpkg/status": DPKG,
    "var/lib/dpkg/status-old": "Package: older\nVersion: 1\n",
  });
  assert.equal(purlsOf(findPackages(folder)), [
    "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12",
    "pkg:deb/debian/epoch@1:2.0~rc1-1?distro=debian-12",
  ]);
});

packages("of an image without dpkg are those of its folder", () => {
  const folder = imageOf({
    "usr/lib/os-release": "ID=debian\nVERSION_ID=12\n",
    "var/lib/dpkg/status.d/base": "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n",
    "var/lib/dpkg/status.d/base.md5sums": "abc  usr/share\n",
  });
  assert.equal(purlsOf(findPackages(folder)), ["pkg:deb/debian/base-files@12.4?arch=amd64&distro=debian-12"]);
});

packages("of Alpine are all of its list, in its new place as well", () => {
  const list =
    "C:Q1abc=\nP:musl\nV:1.2.5-r9\nA:x86_64\nT:the musl c library\n\nC:Q1def=\nP:zlib\nV:1.3.1-r2\nA:x86_64\n";
  const wanted = [
    "pkg:apk/alpine/musl@1.2.5-r9?arch=x86_64&distro=alpine-3.21.3",
    "pkg:apk/alpine/zlib@1.3.1-r2?arch=x86_64&distro=alpine-3.21.3",
  ];
  for (const path of ["lib/apk/db/installed", "usr/lib/apk/db/installed"])
    assert.equal(
      purlsOf(findPackages(imageOf({ "etc/os-release": "ID=alpine\nVERSION_ID=3.21.3\n", [path]: list }))),
      wanted,
    );
});

packages("of npm are those below node_modules, with their scopes, and no folders within one", () => {
  const named = (name: string, version: string) => JSON.stringify({ name, version });
  const folder = imageOf({
    "app/package.json": named("shop", "1.0.0"),
    "app/node_modules/zod/package.json": named("zod", "4.1.5"),
    "app/node_modules/zod/v3/package.json": named("inner", "0.0.0"),
    "app/node_modules/esm/package.json": '{"type":"module"}',
    "app/node_modules/broken/package.json": "{",
    "app/node_modules/@acme/x/package.json": named("@acme/x", "2.0.0-rc.1"),
    "app/node_modules/zod/node_modules/deep/package.json": named("deep", "3.0.0"),
  });
  assert.equal(purlsOf(findPackages(folder)).sort(), [
    "pkg:npm/%40acme/x@2.0.0-rc.1",
    "pkg:npm/deep@3.0.0",
    "pkg:npm/zod@4.1.5",
  ]);
});

packages("of Python are wheels and eggs, by the name that their index has", () => {
  const folder = imageOf({
    "venv/lib/python3.13/site-packages/Flask_Thing-3.1.dist-info/METADATA":
      "Metadata-Version: 2.4\nName: Flask.Thing_x\nVersion: 3.1\n\nName: not this\nVersion: 9\n",
    "usr/lib/python3/dist-packages/old.egg-info/PKG-INFO": "Name: old\nVersion: 0.1\n",
    "usr/lib/python3/dist-packages/older.egg-info": "Name: older\nVersion: 0.2\n",
    "usr/lib/python3/dist-packages/none.dist-info/METADATA": "Metadata-Version: 2.4\n",
  });
  assert.equal(purlsOf(findPackages(folder)).sort(), [
    "pkg:pypi/flask-thing-x@3.1",
    "pkg:pypi/old@0.1",
    "pkg:pypi/older@0.2",
  ]);
});

packages("of a program of Go are its modules, what replaced them, and the library of that Go", () => {
  const lines = [
    "path\tacme.example/shop/cmd/api",
    "mod\tacme.example/shop\t(devel)\t",
    "dep\tgithub.com/x/y\tv1.2.3\th1:abc=",
    "dep\tgithub.com/old/name\tv0.1.0",
    "=>\tgithub.com/new/name\tv0.2.0\th1:def=",
    "dep\tacme.example/local\tv0.0.0",
    "=>\t./local\t(devel)\t",
    "build\t-compiler=gc",
  ];
  const folder = imageOf({ "app/service": goProgram("go1.26.11", lines), "bin/sh": Buffer.from("\x7fELF nothing") });
  assert.equal(purlsOf(findPackages(folder)), [
    "pkg:golang/stdlib@1.26.11",
    "pkg:golang/github.com/x/y@v1.2.3",
    "pkg:golang/github.com/new/name@v0.2.0",
  ]);
});

packages("of a program of Go that is cut off at any place are fewer or none, and no error", () => {
  const whole = goProgram("go1.26.11", ["dep\tgithub.com/x/y\tv1.2.3"]);
  for (let length = 4; length < whole.length; length += 1) {
    const { unread } = findPackages(imageOf({ x: whole.subarray(0, length) }));
    assert.equal(unread, [], `${length} bytes`);
  }
});

packages("of Java are what Maven wrote into jars, wars and what lies in them; others have a name and a hash", () => {
  const pom = (artifact: string) => `#Generated\ngroupId=org.acme\nartifactId=${artifact}\nversion = 1.0\n`;
  const inner = zip({ "META-INF/maven/org.acme/inner/pom.properties": pom("inner") });
  const plain = zip({ "A.class": "x" });
  const shaded = zip({
    "META-INF/maven/org.acme/one/pom.properties": pom("one"),
    "META-INF/maven/org.acme/two/pom.properties": pom("two"),
  });
  const folder = imageOf({
    "app/app.jar": zip({ "META-INF/maven/org.acme/app/pom.properties": pom("app"), "BOOT-INF/lib/inner.jar": inner }),
    "app/lib/kafka-clients-4.1.1.jar": plain,
    "app/shaded.war": shaded,
    "app/broken.jar": "no archive",
  });
  const found = findPackages(folder);
  assert.equal(purlsOf(found), [
    "pkg:maven/org.acme/app@1.0",
    "pkg:maven/org.acme/inner@1.0",
    undefined,
    "pkg:maven/org.acme/one@1.0",
    "pkg:maven/org.acme/two@1.0",
  ]);
  const sha256 = createHash("sha256").update(plain).digest("hex");
  assert.equal(
    found.packages.find(({ kind }) => kind === "jar"),
    { kind: "jar", name: "kafka-clients", version: "4.1.1", from: "/app/lib/kafka-clients-4.1.1.jar", sha256 },
  );
  assert.equal(found.unread, ["/app/broken.jar: it is not a zip archive"]);
});

const RPM = gunzipSync(readFileSync("tests/data/rpm/rpmdb.sqlite.gz"));
/** Node 20 has none. */
const HAS_SQLITE = process.getBuiltinModule("node:sqlite") !== undefined;
const NO_SQLITE = "this Node has no SQLite to read RPM's packages with";
const FEDORA = 'ID=fedora\nVERSION_ID="43"\n';

packages("of RPM are told of its database of SQLite, with what counts before the version", () => {
  const found = findPackages(imageOf({ "usr/lib/os-release": FEDORA, "usr/lib/sysimage/rpm/rpmdb.sqlite": RPM }));
  const read = [
    "pkg:rpm/fedora/plain@1.4-2.fc43?arch=noarch&distro=fedora-43",
    "pkg:rpm/fedora/curl@8.15.0-3.fc43?arch=x86_64&distro=fedora-43&epoch=1",
  ];
  assert.equal(found.unread, HAS_SQLITE ? [] : [`/usr/lib/sysimage/rpm/rpmdb.sqlite: ${NO_SQLITE}`]);
  assert.equal(purlsOf(found), HAS_SQLITE ? read : []);
});

packages("of RPM in a database of another form, or a damaged one, are named as unread", () => {
  const files = { "var/lib/rpm/Packages": "Berkeley", "var/lib/rpm/rpmdb.sqlite": "SQLite" };
  assert.equal(findPackages(imageOf(files)), {
    packages: [],
    unread: [
      "/var/lib/rpm/Packages: RPM packages are listed only from an SQLite database",
      `/var/lib/rpm/rpmdb.sqlite: ${HAS_SQLITE ? "file is not a database" : NO_SQLITE}`,
    ],
  });
});

packages("are looked for behind no link, which would lead out of the image", () => {
  const outside = imageOf({
    status: DPKG,
    "os-release": "ID=outside\n",
    "p/package.json": '{"name":"p","version":"1"}',
  });
  const folder = imageOf({ "var/lib/dpkg/x": "", "etc/x": "", "app/node_modules/x": "" });
  symlinkSync(join(outside, "status"), join(folder, "var/lib/dpkg/status"));
  symlinkSync(join(outside, "os-release"), join(folder, "etc/os-release"));
  symlinkSync(join(outside, "p"), join(folder, "app/node_modules/p"));
  assert.equal(findPackages(folder), { packages: [], unread: [] });
});

packages("make a bill of materials that CycloneDX's schema takes, one component each with all its places", async () => {
  const at = (from: string): Package => ({ kind: "npm", name: "zod", version: "4.1.5", from });
  const contents: Contents = {
    packages: [at("/b/node_modules/zod/package.json"), at("/a/node_modules/zod/package.json")],
    unread: [],
    system: { id: "debian", version: "12" },
  };
  const bom = describeContents({ ...IMAGE, platform: "linux/arm64" }, contents);
  assert.is(await validator.validate(JSON.stringify(bom)), null);
  assert.equal(JSON.parse(JSON.stringify(bom)).components, [
    { type: "operating-system", "bom-ref": "os:debian@12", name: "debian", version: "12" },
    {
      type: "library",
      "bom-ref": "pkg:npm/zod@4.1.5",
      name: "zod",
      version: "4.1.5",
      purl: "pkg:npm/zod@4.1.5",
      evidence: {
        occurrences: [
          { location: "/a/node_modules/zod/package.json" },
          { location: "/b/node_modules/zod/package.json" },
        ],
      },
    },
  ]);
});

packages("make a bill that CycloneDX's schema takes whatever they are called, the same in any order", async () => {
  const text = fc.string({ minLength: 1, maxLength: 8 });
  const one: fc.Arbitrary<Package> = fc.record(
    {
      kind: fc.constantFrom("deb", "apk", "npm", "pypi", "golang", "maven", "jar"),
      namespace: text,
      name: text,
      version: fc.string({ maxLength: 6 }),
      architecture: text,
      from: text,
      sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    },
    { requiredKeys: ["kind", "name", "version", "from"] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 6 }), fc.array(text, { maxLength: 2 }), async (all, unread) => {
      const bom = JSON.stringify(describeContents(IMAGE, { packages: all, unread }));
      assert.is(await validator.validate(bom), null);
      assert.is(JSON.stringify(describeContents(IMAGE, { packages: all.toReversed(), unread })), bom);
    }),
  );
});

packages("that could not all be read make the bill incomplete", async () => {
  const bom = describeContents(IMAGE, { packages: [], unread: ["/a.jar: it is not a zip archive"] });
  assert.is(await validator.validate(JSON.stringify(bom)), null);
  const { compositions, metadata } = JSON.parse(JSON.stringify(bom));
  assert.is(compositions[0].aggregate, "incomplete");
  assert.equal(metadata.properties, [{ name: "slipway:unread", value: "/a.jar: it is not a zip archive" }]);
});

packages.run();
