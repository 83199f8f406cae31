import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { writeFiles } from "../../support/write-files.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");
const OWN = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

const FILES = {
  // Compiles on the builder for what it is told: the way that Docker's documentation gives.
  "api/Dockerfile": `FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS build
ARG BUILDPLATFORM TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT
RUN echo "$TARGETPLATFORM=$TARGETOS/$TARGETARCH/$TARGETVARIANT on $BUILDPLATFORM" >/made
FROM scratch
COPY --from=build /made /made
`,
  "page/Dockerfile": "FROM scratch\nCOPY index.html /\n",
  "page/index.html": "<p>\n",
};

/** Nothing but the start of a program for IBM's S/390: it is foreign everywhere. */
const FOREIGN = Buffer.from(`\x7fELF\x02\x02${"\0".repeat(12)}\0\x16`, "latin1");

const platforms = suite("images for several platforms, under several tags");

let registry: Registry;
const folders: string[] = [];

platforms.before(async () => {
  registry = await startRegistry();
});

platforms.after(async () => {
  await registry?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A repository with all of its files committed, always as the same commit. */
function makeRepository(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "platforms-"));
  folders.push(folder);
  writeFiles(folder, files, 0o755);
  const date = "2026-11-25T23:30:00-01:00";
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
    [...who, "commit", "--quiet", "--message=first"],
  ])
    assert.is(spawnSync("git", args, { cwd: folder, env }).status, 0);
  return folder;
}

/** The registry's log has to be read meanwhile, so nothing waits for it in place. */
async function call(folder: string, ...args: readonly string[]) {
  const options = { cwd: folder, reject: false, stripFinalNewline: false, env: { NO_COLOR: "1" } } as const;
  const { exitCode: status, stdout, stderr } = await execa(SLIPWAY, ["call", ...args], options);
  return { status, stdout, stderr };
}

async function skopeo(...args: readonly string[]): Promise<string> {
  return (await execa("skopeo", args)).stdout;
}

async function inspect(reference: string, ...options: readonly string[]) {
  return JSON.parse(
    await skopeo("inspect", "--tls-verify=false", ...options, `docker://${registry.address}/${reference}`),
  );
}

/** The text of a file in the only layer of an image for a platform. */
async function readLayer(repository: string, platform: string, file: string): Promise<string> {
  const [, architecture = "", variant] = platform.split("/");
  const folder = mkdtempSync(join(tmpdir(), "layer-"));
  folders.push(folder);
  const options = ["--override-arch", architecture, ...(variant === undefined ? [] : ["--override-variant", variant])];
  await skopeo(
    ...options,
    "copy",
    "--src-tls-verify=false",
    `docker://${registry.address}/${repository}`,
    `dir:${folder}`,
  );
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const layer = join(folder, manifest.layers.at(-1).digest.replace("sha256:", ""));
  return spawnSync("tar", ["-xzOf", layer, file], { encoding: "utf8" }).stdout;
}

platforms("are one index in the registry, the same one under each tag and in a second run", async () => {
  const folder = makeRepository({
    ...FILES,
    "slipway.yaml": `product: shop
services:
  api: { path: api, port: 8080 }
  page: { path: page, port: 8081 }
images:
  registry: ${registry.address}
  tags: [latest, "{version}", "{date}", "2026-11-26", "v1-{short}"]
  platforms: [linux/amd64, linux/arm64, linux/arm/v7]
`,
  });
  const published = await call(folder, "release", "-o", "release.json");
  assert.is(published.status, 0, published.stderr);
  const release = JSON.parse(readFileSync(join(folder, "release.json"), "utf8"));
  const short = release.commit.slice(0, 12);
  const tags = [`20261126003000-${short}`, `v1-${short}`, "latest", "2026-11-26"];
  for (const said of [`tags       ${tags.join(" ")}\n`, "platforms  linux/amd64 linux/arm64 linux/arm/v7\n"])
    assert.ok(published.stderr.includes(said), published.stderr);
  for (const service of ["api", "page"]) {
    const { digest } = release.services[service];
    const { RepoTags } = await inspect(`shop-${service}:latest`);
    assert.equal(RepoTags.sort(), [...tags].sort());
    for (const tag of tags) {
      const index = await inspect(`shop-${service}:${tag}`, "--raw");
      const named = index.manifests.map(({ platform }: { platform: Record<string, string> }) =>
        [platform["os"], platform["architecture"], platform["variant"]].filter(Boolean).join("/"),
      );
      assert.equal(named, ["linux/amd64", "linux/arm64", "linux/arm/v7"]);
      assert.is((await inspect(`shop-${service}:${tag}`)).Digest, digest);
    }
  }
  const of = (name: string, target: string) => `${name}=${target} on ${OWN}\n`;
  assert.is(await readLayer("shop-api:latest", "linux/amd64", "made"), of("linux/amd64", "linux/amd64/"));
  assert.is(await readLayer("shop-api:latest", "linux/arm64", "made"), of("linux/arm64", "linux/arm64/"));
  assert.is(await readLayer("shop-api:latest", "linux/arm/v7", "made"), of("linux/arm/v7", "linux/arm/v7"));

  const again = await call(folder, "release", "-o", "again.json");
  assert.is(again.status, 0, again.stderr);
  assert.equal(JSON.parse(readFileSync(join(folder, "again.json"), "utf8")), release);

  const built = await call(folder, "build", "--service", "page");
  assert.is(built.status, 0, built.stderr);
  assert.match(
    built.stdout,
    /^page linux\/amd64 .*\npage linux\/arm64 .*\npage linux\/arm\/v7 .*\n\n3 images from commit /,
  );
});

platforms("are the image alone, without an index, when only the builder's own is named", async () => {
  const folder = makeRepository({
    ...FILES,
    "slipway.yaml": `product: plain
services: { page: { path: page, port: 8081 } }
images: { registry: ${registry.address}, platforms: [${OWN}] }
`,
  });
  const { status, stdout, stderr } = await call(folder, "publish");
  assert.is(status, 0, stderr);
  const manifest = await inspect(/plain-page@sha256:[0-9a-f]{64}/.exec(stdout)?.[0] ?? "none", "--raw");
  assert.equal([manifest.manifests, manifest.layers.length], [undefined, 1]);
});

platforms("are refused in one line, before anything is sent, when a program of one cannot be run here", async () => {
  const folder = makeRepository({
    ...FILES,
    "api/Dockerfile": 'FROM scratch\nCOPY sh /bin/sh\nRUN ["/bin/sh"]\n',
    "api/sh": FOREIGN,
    "slipway.yaml": `product: foreign
services:
  page: { path: page, port: 8081 }
  api: { path: api, port: 8080 }
images: { registry: ${registry.address}, platforms: [linux/arm64] }
`,
  });
  const { status, stdout, stderr } = await call(folder, "publish");
  assert.is(status, 1, stderr);
  assert.is(stdout, "");
  assert.match(
    stderr,
    "the image of api for linux/arm64 needs a program of that platform, which this machine cannot run; nothing was sent",
  );
  assert.match(stderr, "fork/exec /bin/sh: exec format error");
  const { exitCode: found } = await execa(
    "skopeo",
    ["list-tags", "--tls-verify=false", `docker://${registry.address}/foreign-page`],
    { reject: false },
  );
  assert.is.not(found, 0);
});

platforms.run();
