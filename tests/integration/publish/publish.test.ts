import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readRelease } from "../../../ci/src/rollout/release.ts";
import { makeCertificate } from "../../support/own-certificate.ts";
import { startRefusingRegistry } from "../../support/refusing-registry.ts";
import { findFreePort, type Registry, startRegistry } from "../../support/registry.ts";
import { runReadOnly } from "./run-read-only.ts";
import { type Called, SmallProduct } from "./small-product.ts";

/** bcrypt of "open sesame" for the user "me" (htpasswd -nbB). */
const HTPASSWD = "me:$2y$05$Sy.5KXtPAxrmaZZC02t3uOGvbY/P56d5k1FVVArHfOWQC7y74bX2m\n";
const GOOD = { TEST_PASSWORD: "open sesame" };
const WRONG = { TEST_PASSWORD: "shut marker-5f2c" };
const AS_ME = ["--username", "me", "--password", "env:TEST_PASSWORD"];

const publish = suite("build and publish");

let folder = "";
let product: SmallProduct;
let guarded: Registry;

publish.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "publish-"));
  product = new SmallProduct();
  guarded = await startRegistry({ htpasswd: HTPASSWD });
});

publish.after(async () => {
  await guarded?.stop();
  product?.remove();
  rmSync(folder, { recursive: true, force: true });
});

function call(name: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Called> {
  return product.slipway(["call", name, ...args], env);
}

/** The time of the commit, as versions begin with it. */
const VERSION = "20261125141249";
const OWN = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";

/** What a person reads at the end of a call that failed. Nothing may be on stdout, and no password anywhere. */
function errorOf({ exitCode, stdout, stderr }: Called): string {
  assert.is(exitCode, 1, stderr);
  assert.is(stdout, "");
  for (const { TEST_PASSWORD } of [GOOD, WRONG]) {
    assert.not.ok(stderr.includes(TEST_PASSWORD), "the password is in the progress");
    assert.not.ok(
      stderr.includes(Buffer.from(`me:${TEST_PASSWORD}`).toString("base64")),
      "the header is in the progress",
    );
  }
  return stderr
    .slice(stderr.lastIndexOf("Error: "))
    .replace(/ \[traceparent:[^\]]*\]/, "")
    .trim();
}

function inspect(address: string, ...options: readonly string[]) {
  const creds = address.startsWith(guarded.address) ? ["--creds", "me:open sesame"] : [];
  const ended = spawnSync("skopeo", ["inspect", "--tls-verify=false", ...creds, ...options, `docker://${address}`], {
    encoding: "utf8",
  });
  assert.is(ended.status, 0, ended.stderr);
  return JSON.parse(ended.stdout);
}

publish("sends by digest what build has measured, and exports the release that names it", async () => {
  const built = await call("build", []);
  assert.is(built.exitCode, 0, built.stderr);
  const lines = built.stdout.split("\n");
  const digests = lines.slice(0, 2).map((line) => {
    assert.match(line, /^(hello {2}|goodbye) {2} *\d+\.\d MB {2}\d layers {2}sha256:[0-9a-f]{64}$/);
    return line.slice(line.indexOf("sha256:"));
  });
  assert.equal(lines.slice(2), ["", `2 images from commit ${product.commit} of 2026-11-25T14:12:49Z`, ""]);

  const target = ["--registry", guarded.address, ...AS_ME];
  const published = await call("publish", target, GOOD);
  assert.is(published.exitCode, 0, published.stderr);
  const addresses = ["hello", "goodbye"].map((name, index) => `${guarded.address}/team/${name}@${digests[index]}`);
  const { address } = guarded;
  const unseen = `neither provenance nor SBOM: containers cannot reach ${address}; give --registry-service tcp://${address} before the verb`;
  assert.ok(
    published.stdout.startsWith(
      [
        `goodbye  ${addresses[1]}`,
        `         tags       ${VERSION}-${product.commit.slice(0, 12)}`,
        `         platforms  ${OWN}`,
        `         carries    ${unseen}`,
        `hello    ${addresses[0]}`,
        `         tags       ${VERSION}-${product.commit.slice(0, 12)}`,
        `         platforms  ${OWN}`,
        `         carries    ${unseen}`,
        "",
        "release r-",
      ].join("\n"),
    ),
    published.stdout,
  );

  const exported = await call("release", [...target, "-o", "release.json"], GOOD);
  assert.is(exported.exitCode, 0, exported.stderr);
  const release = readRelease(product.read("release.json"));
  assert.ok(published.stdout.includes(`release ${release.id} from commit ${product.commit} of 2026-11-25T14:12:49Z`));
  assert.ok(exported.stderr.includes(`hello    ${addresses[0]}`), "the release says nothing of what it published");
  assert.is(release.author, "ann@example.org");
  assert.equal(release.services["hello"], { name: `${guarded.address}/team/hello`, digest: digests[0] });
  for (const { stdout, stderr } of [published, exported]) assert.not.match(stdout + stderr, "open sesame");

  const labels = {
    "org.opencontainers.image.title": "small-hello",
    "org.opencontainers.image.version": `${VERSION}-${product.commit.slice(0, 12)}`,
    "org.opencontainers.image.revision": product.commit,
    "org.opencontainers.image.created": "2026-11-25T14:12:49Z",
    "org.opencontainers.image.source": "https://example.org/small",
  };
  const { config } = inspect(addresses[0] ?? "", "--config");
  assert.equal(config.Labels, labels);
  assert.is(config.User, "10001:10001");
  const { annotations } = inspect(addresses[0] ?? "", "--raw");
  for (const [key, value] of Object.entries(labels)) assert.is(annotations[key], value);
  const tag = labels["org.opencontainers.image.version"];
  assert.is(inspect(`${guarded.address}/team/goodbye:${tag}`).Digest, digests[1]);
});

publish("gives the same digest when everything is built anew", async () => {
  const script = resolve(import.meta.dirname, "cold-builds.ts");
  const { exitCode, stdout, stderr } = await product.slipway([
    "run", "node", "--import", import.meta.resolve("tsx"), script, "hello",
  ]); // biome-ignore format: one command
  assert.is(exitCode, 0, stderr);
  const [first, second, ...rest] = stdout.trim().split("\n");
  assert.match(first ?? "", /^sha256:/);
  assert.is(second, first);
  assert.equal(rest, []);
  // Two builds, and not one that was remembered.
  assert.is(stderr.match(/withExec npm run build.* DONE/g)?.length, 2, stderr);
});

publish("makes images that run with a read-only root, as an ordinary user, with nothing but the program", async () => {
  const archive = join(folder, "hello.tar");
  const { exitCode, stderr } = await call("image", ["--service", "hello", "-o", archive]);
  assert.is(exitCode, 0, stderr);
  mkdirSync(join(folder, "run"));
  assert.equal(JSON.parse(runReadOnly(archive, join(folder, "run"))), {
    name: "hello",
    user: 10_001,
    group: 10_001,
    app: ["main.js"],
    // Only what runs the service.
    tools: ["node"],
    besideTheApp: "EROFS",
    atTheTop: "EROFS",
    inTmp: "written",
    tmp: true,
  });
});

publish("says that the password is wrong, or that one is wanted", async () => {
  const target = ["--registry", guarded.address];
  const refused = (todo: string) =>
    new RegExp(
      [
        `^Error: ${guarded.address} did not accept the image: ${guarded.address}/team/hello:\\S+: unexpected status from POST request to http://${guarded.address}/v2/team/hello/blobs/uploads/: 401 Unauthorized: UNAUTHORIZED: authentication required \\(detail: .*\\) \\[not-published\\]`,
        `  where: publish of ${guarded.address}/team/hello`,
        `  to do: ${todo}$`,
      ].join("\n"),
    );
  assert.match(
    errorOf(await call("publish", [...target, ...AS_ME], WRONG)),
    refused("check the password of me; some registries want an access token instead"),
  );
  assert.match(errorOf(await call("publish", target)), refused("give --username and --password env:VARIABLE, .*"));
});

for (const [kind, said] of Object.entries({
  forbidden: "403 Forbidden: DENIED: requested access to the resource is denied",
  missing: "404 Not Found: NAME_UNKNOWN: repository name not known to registry",
} as const)) {
  publish(`says in the registry's words what is ${kind}`, async () => {
    const registry = await startRefusingRegistry(kind as "forbidden" | "missing");
    try {
      const error = errorOf(await call("publish", ["--registry", registry.address, ...AS_ME], GOOD));
      assert.match(
        error,
        new RegExp(`^Error: ${registry.address} did not accept the image: .*${said} \\[not-published\\]\n`),
      );
      assert.match(error, `\n  where: publish of ${registry.address}/team/hello\n  to do: `);
    } finally {
      await registry.stop();
    }
  });
}

publish("says that nobody answers", async () => {
  const address = `127.0.0.1:${await findFreePort()}`;
  const error = errorOf(await call("publish", ["--registry", address, ...AS_ME], GOOD));
  assert.match(
    error,
    new RegExp(
      `^Error: ${address} did not accept the image: failed to do request: Head "\\S+": dial tcp ${address}: connect: connection refused \\[not-published\\]\n`,
    ),
  );
});

publish("publishes nothing that is not committed, while build takes it and says so", async () => {
  const before = product.read("services/hello/main.js");
  product.write("services/hello/main.js", `${before}\n// changed\n`);
  try {
    const error = errorOf(await call("publish", ["--registry", guarded.address, ...AS_ME], GOOD));
    assert.match(
      error,
      "Error: these files differ from the commit that the release would name [uncommitted]:\n  M services/hello/main.js\n",
    );
    const { stdout } = await call("build", ["--service", "hello"]);
    assert.match(stdout, `1 image from commit ${product.commit}-dirty of`);
    assert.match(stdout, "different from the commit:\n  M services/hello/main.js\n");
  } finally {
    product.write("services/hello/main.js", before);
  }
});

publish("answers a wrong service or registry with what there is", async () => {
  assert.is(
    errorOf(await call("image", ["--service", "helo"])),
    [
      "Error: there is no service helo; expected one of hello, goodbye; perhaps hello was meant [no-such-service]",
      "  where: --service",
      "  to do: use one of these, or name it under services of slipway.yaml",
    ].join("\n"),
  );
  assert.match(errorOf(await call("publish", ["--registry", "https://x.io"])), '"https://x.io" is not a registry');
});

publish("checks the certificate of a registry, but not on the own machine", async () => {
  const tls = makeCertificate(folder, "127.0.0.1", "0.0.0.0");
  const registry = await startRegistry({ htpasswd: HTPASSWD, tls });
  try {
    // 0.0.0.0 leads to loopback too, but engines and tools take it for an address like any other.
    const elsewhere = registry.address.replace("127.0.0.1", "0.0.0.0");
    const error = errorOf(await call("publish", ["--registry", elsewhere, ...AS_ME], GOOD));
    assert.match(error, "tls: failed to verify certificate: x509: certificate signed by unknown authority");
    assert.match(error, `\n  to do: the engine does not trust the certificate of ${elsewhere}`);
    const trusting = { ...GOOD, SSL_CERT_FILE: tls.certificate };
    for (const [address, env] of [
      [elsewhere, trusting],
      [registry.address, GOOD],
    ] as const) {
      const { exitCode, stdout, stderr } = await call("publish", ["--registry", address, ...AS_ME], env);
      assert.is(exitCode, 0, stderr);
      assert.ok(stdout.startsWith(`goodbye  ${address}/team/goodbye@sha256:`), stdout);
    }
    assert.match(
      errorOf(await call("publish", ["--registry", elsewhere, ...AS_ME], { ...trusting, ...WRONG })),
      "401 Unauthorized: UNAUTHORIZED: authentication required",
    );
  } finally {
    await registry.stop();
  }
});

publish.run();
