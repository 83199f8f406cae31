import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { imageArchive } from "../../support/image-archive.ts";
import { tarOf } from "../../support/tar-of.ts";
import { Builds, type Files } from "../dockerfile/building.ts";

/** What images say of themselves, and Dockerfiles of their mounts, as published escapes did: docs/isolation.md says which. */
const claims = suite("an image or a Dockerfile");
const dir = mkdtempSync(join(tmpdir(), "slipway-claims-"));
const canary = join(dir, "canary");
const OF_THE_HOST = "of this machine alone";
let builds: Builds;

claims.before(async () => {
  mkdirSync(join(canary, "empty"), { recursive: true });
  writeFileSync(join(canary, "file"), OF_THE_HOST);
  builds = await Builds.open({ SLIPWAY_TEST_OF_HOST: OF_THE_HOST });
});
claims.after.each(() => {
  assert.equal(readdirSync(canary, { recursive: true }).sort(), ["empty", "file"]);
  assert.is(readFileSync(join(canary, "file"), "utf8"), OF_THE_HOST);
});
claims.after(async () => {
  await builds.close();
  rmSync(dir, { recursive: true, force: true });
});

let images = 0;

/** What is selected of an image with busybox and this configuration, or the error. */
async function inImage(config: Readonly<Record<string, unknown>>, selection: string): Promise<string> {
  const path = join(dir, `image${images++}.tar`);
  const layer = tarOf(
    { path: "bin/", type: "directory", mode: 0o755 },
    { path: "bin/busybox", type: "file", mode: 0o755, text: readFileSync("/bin/busybox", "latin1") },
    { path: "etc/", type: "directory", mode: 0o755 },
    { path: "etc/passwd", type: "file", mode: 0o644, text: "4294967296:x:0:0::/:/bin/sh\n7:x:0:0::/:/bin/sh\n" },
  );
  writeFileSync(path, imageArchive({ layers: [layer], config: { config } }));
  const query = (source: string) => `{ container { import(source: "${source}") { ${selection} } } }`;
  const file = `{ host { file(path: ${JSON.stringify(path)}) { id } } }`;
  const { host } = await builds.query<{ host: { file: { id: string } } }>(file);
  return await builds.query(query(host.file.id)).then(JSON.stringify, (error: Error) => error.message);
}

const run = (...args: readonly string[]) => `withExec(args: ${JSON.stringify(["/bin/busybox", ...args])}) { stdout }`;

claims("whose user is a number too large for one does not become the one of that name (CVE-2026-46680)", async () => {
  for (const user of ["4294967296", "0:4294967296", "99999999999999999999"])
    assert.match(await inImage({ User: user }, run("id", "-u")), "uids and gids must be in range 0-2147483647", user);
  // Of a smaller one neither.
  assert.match(await inImage({ User: "7" }, run("id", "-u")), '"stdout":"7\\n"');
});

claims("that names a variable without a value gets none of this machine's (CVE-2026-57231)", async () => {
  const said = await inImage({ Env: ["SLIPWAY_TEST_OF_HOST", "HOME"] }, run("env"));
  assert.match(said, "SLIPWAY_TEST_OF_HOST=\\n");
  assert.not.match(said, OF_THE_HOST);
});

claims("whose labels ask the runtime for another handler gets none (CVE-2026-53488, CVE-2025-24965)", async () => {
  const labels = { "run.oci.handler": "krun", "run.oci.seccomp.receiver": join(canary, "file") };
  assert.match(await inImage({ Labels: labels }, run("echo", "as usual")), "as usual");
});

const BASE = `FROM scratch AS base\nCOPY --chmod=755 busybox /bin/busybox\nRUN ["/bin/busybox","ln","-s","busybox","/bin/sh"]\n`;

/** What a Dockerfile over busybox makes at /out, or why it cannot be built. */
async function build(dockerfile: string, files: Files = {}): Promise<string> {
  const given = { ...files, busybox: readFileSync("/bin/busybox"), Dockerfile: `${BASE}${dockerfile}` };
  return await builds.file(given, "/out").catch((error: Error) => `refused: ${error.message}`);
}

claims("whose cache mount has an id that climbs out has a cache of that name (CVE-2024-9675)", async () => {
  const id = `../../../../../../../..${canary}`;
  const said = await build(
    `RUN --mount=type=cache,id=${id},target=/c /bin/busybox touch /c/evil && /bin/busybox ls /c > /out\n`,
  );
  assert.is(said, "evil\n");
});

claims("that mounts a link of another stage stays in that stage (CVE-2024-1753, CVE-2026-44517)", async () => {
  const links = `RUN /bin/busybox mkdir -p /x && /bin/busybox ln -s ${canary} /x/link && /bin/busybox ln -s / /x/root\n`;
  for (const mount of [
    "type=bind,from=linked,source=/x/link,target=/m,rw",
    `type=bind,from=linked,source=/x/root${canary},target=/m,rw`,
    "type=cache,id=linked,from=linked,source=/x/link,target=/m",
  ]) {
    const looking = "/bin/busybox ls /m > /out 2>&1; /bin/busybox cat /m/file >> /out; echo evil > /m/evil; true";
    const said = await build(`FROM base AS linked\n${links}FROM base\nRUN --mount=${mount} ${looking}\n`);
    assert.not.match(said, OF_THE_HOST);
    assert.not.match(said, /^file$/m);
    // What it was told instead, so that it is known to have been asked.
    assert.ok(/can't open '\/m\/file'|^refused: .*(?:no such file|not a directory)/is.test(said), said);
  }
  const copied = await build(`FROM base AS linked\n${links}FROM base\nCOPY --from=linked /x/link/file /out\n`);
  assert.match(copied, /^refused: /);
});

claims("whose stages exchange the source of a cache mount meanwhile stay in it (CVE-2024-23651)", async () => {
  const cache = "--mount=type=cache,id=raced,target=/c";
  const swapping = `RUN ${cache} cd /c && n=0; while [ $n -lt 400 ]; do n=$((n+1)); /bin/busybox rm -rf dir; /bin/busybox ln -s ${canary} dir; /bin/busybox rm -f dir; /bin/busybox mkdir dir; done; echo > /done\n`;
  // The source is what the cache begins with, from another stage; what is in the cache is no place of a mount.
  const looking = (nth: number) =>
    `RUN --mount=type=cache,id=raced,target=/m : ${nth}; /bin/busybox ls -A /m/dir/ >> /out 2>&1; echo evil > /m/dir/evil; true\n`;
  const mounted = "RUN --mount=type=cache,id=raced,source=dir,target=/m /bin/busybox ls -A /m > /out\n";
  const said = await build(
    `FROM base AS swapping\n${swapping}FROM base AS looking\n${[1, 2, 3].map(looking).join("")}FROM base\nCOPY --from=swapping /done /done\nCOPY --from=looking /out /out\n`,
  );
  assert.not.match(said, /^(file|empty)$/m);
  assert.not.match(said, /^refused/);
  assert.match(await build(mounted), /^refused: .*dir/s);
});

claims("whose /tmp leads to this machine's has nothing copied or removed there (CVE-2026-15791)", async () => {
  const said = await build(
    `RUN /bin/busybox rm -rf /tmp && /bin/busybox ln -s ${canary} /tmp && /bin/busybox touch /out\nCOPY evil /tmp/evil\nCOPY evil /tmp\n`,
    { evil: "evil" },
  );
  assert.ok(said === "" || said.startsWith("refused: "), said);
  for (const change of [
    `withoutDirectory(path: "tmp")`,
    `withoutDirectory(path: "tmp/empty")`,
    `withoutFile(path: "tmp/file")`,
    `withoutDirectory(path: "/")`,
    `withNewFile(path: "tmp/evil", contents: "evil")`,
  ])
    await builds
      .query(
        `{ directory { withSymlink(target: ${JSON.stringify(canary)}, linkName: "tmp") { ${change} { entries } } } }`,
      )
      .catch((error: Error) => error.message);
});

claims.run();
