/** What images carry after `publish`, in a real registry: looked at by the program that a deploy looks with. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ENVELOPE_TYPE, readEnvelope, STATEMENT_TYPE } from "../../../ci/src/attestations/envelope.ts";
import { type AttestationCase, judgeAttestations } from "../../../ci/src/attestations/judge.ts";
import { carryOut, type Found } from "../../../ci/src/attestations/program/task.ts";
import { readRelease } from "../../../ci/src/rollout/release.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { writeFiles } from "../../support/write-files.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");
const SOURCE = "https://example.org/acme/shop";
/** bcrypt of "open sesame" for the user "me" (htpasswd -nbB). */
const HTPASSWD = "me:$2y$05$Sy.5KXtPAxrmaZZC02t3uOGvbY/P56d5k1FVVArHfOWQC7y74bX2m\n";
const LOGIN = { TEST_PASSWORD: "open sesame" };
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

const attestations = suite("what published images carry");

let folder = "";
let registry: Registry;
let guarded: Registry;
let key = "";
let signers = "";

attestations.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "attestations-"));
  [registry, guarded] = await Promise.all([startRegistry(), startRegistry({ htpasswd: HTPASSWD })]);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f", join(folder, "key")]);
  key = readFileSync(join(folder, "key"), "utf8");
  signers = `ci@acme.example namespaces="slipway-attestation@v1" ${readFileSync(join(folder, "key.pub"), "utf8")}`;
});

attestations.after(async () => {
  await Promise.all([registry?.stop(), guarded?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** A repository with all of its files committed, always as the same commit. */
function makeRepository(
  name: string,
  images: string,
  { address = registry.address, ring = "", list = "" }: { address?: string; ring?: string; list?: string } = {},
): string {
  const place = join(folder, name);
  writeFiles(place, {
    "page/Dockerfile": "ARG BASE=debian:bookworm-slim\nFROM $BASE\nCOPY index.html /\n",
    "page/index.html": "<p>\n",
    "slipway.yaml": `product: shop
services: { page: { path: page, port: 8081 } }
images: { registry: "${address}", source: "${SOURCE.replace("//", "//me:tok-5f2c@")}", ${images} }${ring}
`,
    ".slipway/allowed_signers": list,
  });
  const date = "2026-11-25T23:30:00-01:00";
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
  for (const args of [
    ["init", "--quiet", "--initial-branch=main"],
    ["add", "--all"],
    [...who, "commit", "--quiet", "--message=first"],
  ])
    assert.is(spawnSync("git", args, { cwd: place, env }).status, 0);
  return place;
}

/** The registry's log has to be read meanwhile, so nothing waits for it in place. */
async function call(place: string, env: Record<string, string>, ...args: readonly string[]) {
  const options = { cwd: place, reject: false, stripFinalNewline: false, env: { NO_COLOR: "1", ...env } } as const;
  const { exitCode, stdout, stderr } = await execa(SLIPWAY, ["call", ...args], options);
  return { exitCode, stdout, stderr };
}

/** Publishes, and reads what hangs on the only image. */
async function release(place: string, env: Record<string, string>, before: readonly string[], at = registry) {
  const args = [`--registry-service=tcp://${at.address}`, ...before, "release", "-o", "release.json"];
  const { exitCode, stderr } = await call(place, env, ...args);
  assert.is(exitCode, 0, stderr);
  const made = readRelease(readFileSync(join(place, "release.json"), "utf8"));
  const image = made.services["page"];
  if (image === undefined) throw new Error("the release has no page");
  const isGuarded = at === guarded;
  const done = await carryOut(
    {
      image: image.name,
      digest: image.digest,
      read: [STATEMENT_TYPE, ENVELOPE_TYPE],
      ...(isGuarded ? { username: "me" } : {}),
    },
    isGuarded ? LOGIN.TEST_PASSWORD : undefined,
  );
  assert.ok("found" in done, JSON.stringify(done));
  return { made, image, found: done.found, stderr };
}

function statementOf(found: Found | undefined) {
  assert.ok(found !== undefined && "text" in found, JSON.stringify(found));
  if (found.type === STATEMENT_TYPE) return JSON.parse(found.text);
  const opened = readEnvelope(found.text);
  assert.ok("statement" in opened, JSON.stringify(opened));
  return JSON.parse(opened.statement);
}

const isProvenance = (found: Found) => statementOf(found).predicateType === "https://slsa.dev/provenance/v1";
const isBom = (found: Found) => !isProvenance(found);

attestations(
  "is signed provenance and an SBOM that hold, the same ones in another clone and a second run",
  async () => {
    const first = makeRepository("first", 'name: "signed-{service}"');
    // As it comes from a variable of a CI system: without its last newline, and with those of Windows.
    const env = { TEST_KEY: key.trim().replaceAll("\n", "\r\n") };
    const { made, image, found, stderr } = await release(first, env, ["--signing-key=env:TEST_KEY"]);
    assert.match(stderr, / carries {4}provenance and SBOM, signed by SHA256:[\w+/]{43}\n/);
    for (const line of key.trim().split("\n").slice(1, -1)) assert.not.match(stderr, line);
    assert.is(found.length, 2);
    const rule: AttestationCase["rule"] = { provenance: "signed", sbom: "signed", signers: ["ci@acme.example"] };
    const { commit } = made;
    const at = { image, service: "page", commit, source: SOURCE, found, rule, signers, nowMs: Date.now() };
    assert.equal(judgeAttestations(at), []);
    assert.is(judgeAttestations({ ...at, commit: "f".repeat(40) }).length, 2);
    const provenance = statementOf(found.find(isProvenance));
    assert.equal(provenance.subject, [{ name: image.name, digest: { sha256: image.digest.replace("sha256:", "") } }]);
    const { externalParameters, resolvedDependencies } = provenance.predicate.buildDefinition;
    assert.equal(externalParameters, { service: "page", commit, source: SOURCE });
    const [source, base, ...others] = resolvedDependencies;
    assert.equal(
      [source.uri, base.uri, others],
      [`git+${SOURCE}@${commit}`, "docker-image://debian:bookworm-slim", []],
    );
    assert.match(base.digest.sha256, /^[0-9a-f]{64}$/);
    assert.not.match(JSON.stringify(found.map(statementOf)), "tok-5f2c");
    const bom = statementOf(found.find(isBom)).predicate;
    assert.is(await validator.validate(JSON.stringify(bom)), null);
    const names = bom.components.map(({ name }: { name: string }) => name);
    for (const name of ["debian", "libc6", "dpkg", "base-files"]) assert.ok(names.includes(name), name);

    const digests = (all: readonly Found[]) => all.map(({ digest }) => digest).sort();
    const second = await release(makeRepository("second", 'name: "signed-{service}"'), env, [
      "--signing-key=env:TEST_KEY",
    ]);
    assert.equal([second.image, digests(second.found)], [image, digests(found)]);
    const labels = JSON.parse(
      (await execa("skopeo", ["inspect", "--tls-verify=false", `docker://${image.name}@${image.digest}`])).stdout,
    ).Labels;
    assert.is(labels["org.opencontainers.image.source"], SOURCE);
  },
);

attestations(
  "is what a ring looks at before anything else, by the list of signers on the protected branch",
  async () => {
    const ring = "\nrings: { live: { attestations: { provenance: signed, sbom: required } } }";
    const place = makeRepository("demanded", 'name: "demanded-{service}"', { ring, list: signers });
    const unsigned = await release(place, {}, []);
    const plan = async () =>
      await call(
        place,
        { TOKEN: "none" },
        ...[`--registry-service=tcp://${registry.address}`, "--server=https://cluster.invalid", "--token=env:TOKEN"],
        ...["plan", "--ring=live", "--release=release.json"],
      );
    const refused = await plan();
    const { name, digest } = unsigned.image;
    assert.is(refused.exitCode, 1, refused.stderr);
    assert.match(
      refused.stderr,
      `lack attestations that ring live requires [not-attested]:\n  page, ${name}@${digest.slice(0, 19)}: its provenance does not hold\n`,
    );
    assert.match(refused.stderr, /\n {4}referrer sha256:[0-9a-f]{12}: nobody has signed it\n {2}where: rings\.live/);
    // The same image, signed: what hung there before stays, and does no harm.
    await release(place, { TEST_KEY: key }, ["--signing-key=env:TEST_KEY"]);
    const passed = await plan();
    assert.is(passed.exitCode, 1, passed.stderr);
    // The next thing is the ring's manifests, which are not there.
    assert.match(passed.stderr, "must build at directory: not a valid directory");
    assert.not.match(passed.stderr, "not-attested");
  },
);

attestations("is an SBOM for each platform beside one provenance, of the digest that all of them have", async () => {
  const place = makeRepository("platforms", 'name: "platforms-{service}", platforms: [linux/amd64, linux/arm64]');
  writeFiles(place, { "page/Dockerfile": "FROM scratch\nCOPY index.html /\n" });
  assert.is(
    spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qam", "x"], { cwd: place }).status,
    0,
  );
  const { found, image } = await release(place, {}, []);
  const boms = found.filter(isBom).map((one) => statementOf(one));
  assert.equal(
    boms.map(({ predicate }) => predicate.metadata.properties).sort((a, b) => (a[0].value < b[0].value ? -1 : 1)),
    ["linux/amd64", "linux/arm64"].map((value) => [{ name: "slipway:platform", value }]),
  );
  for (const { subject } of boms) assert.is(`sha256:${subject[0].digest.sha256}`, image.digest);
  assert.is(found.filter(isProvenance).length, 1);
  assert.equal(statementOf(found.find(isProvenance)).predicate.buildDefinition.externalParameters.platforms, [
    "linux/amd64",
    "linux/arm64",
  ]);
});

attestations(
  "comes into a registry that asks for a login, by the one of publish or the one before the verb",
  async () => {
    const place = makeRepository("guarded", 'name: "guarded-{service}", attestations: required', guarded);
    const before = ["--registry-username=me", "--registry-password=env:TEST_PASSWORD"];
    const { found, stderr } = await release(place, LOGIN, before, guarded);
    assert.is(found.length, 2);
    assert.match(stderr, "carries    provenance and SBOM, not signed");
    const args = ["publish", "--username=me", "--password=env:TEST_PASSWORD"];
    const again = await call(place, LOGIN, `--registry-service=tcp://${guarded.address}`, ...args);
    assert.is(again.exitCode, 0, again.stderr);
    assert.match(again.stdout, "carries    provenance and SBOM, not signed");
  },
);

attestations(
  "is nothing in a registry that containers cannot reach: said, or a failure where it is required",
  async () => {
    const { address } = registry;
    const why = `containers cannot reach ${address}; give --registry-service tcp://${address} before the verb`;
    const told = await call(makeRepository("auto", 'name: "unseen-{service}"'), {}, "publish");
    assert.is(told.exitCode, 0, told.stderr);
    assert.match(told.stdout, `\n      carries    neither provenance nor SBOM: ${why}\n`);
    const required = await call(
      makeRepository("required", 'name: "unseen-{service}", attestations: required'),
      {},
      "publish",
    );
    assert.is(required.exitCode, 1, required.stderr);
    assert.match(required.stderr, `the images were pushed, but not their provenance and SBOM: ${why} [not-published]`);
    const off = await call(makeRepository("off", 'name: "unseen-{service}", attestations: off'), {}, "publish");
    assert.not.match(off.stdout, "carries");
  },
);

attestations("is not signed by what is no key, or one with a passphrase, in the words of ssh-keygen", async () => {
  const place = makeRepository("keys", 'name: "keys-{service}"');
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "open sesame", "-C", "x", "-f", join(folder, "closed")]);
  const tries = {
    closed: readFileSync(join(folder, "closed"), "utf8"),
    public: readFileSync(join(folder, "key.pub"), "utf8"),
    none: "nothing",
  };
  for (const [name, TEST_KEY] of Object.entries(tries)) {
    const args = [`--registry-service=tcp://${registry.address}`, "--signing-key=env:TEST_KEY", "publish"];
    const { exitCode, stderr } = await call(place, { TEST_KEY }, ...args);
    assert.is(exitCode, 1, `${name}: ${stderr}`);
    assert.match(
      stderr,
      /the key cannot sign: .*(?:passphrase|invalid format|error in libcrypto|Couldn't load)/s,
      `${name}: ${stderr}`,
    );
    assert.match(stderr, "give an OpenSSH private key without a passphrase", name);
  }
});

attestations.run();
