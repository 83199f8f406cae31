import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type GitDaemon, startGitDaemon } from "../../support/git-daemon.ts";
import { imageArchive, imageBlobs } from "../../support/image-archive.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { SmallDisk } from "../../support/small-disk.ts";
import { type Given, tarOf } from "../../support/tar-of.ts";

/** What comes from outside and becomes a part of the store. */
const full = suite("a disk that becomes full, or has no place for another file, in the middle of");
/** One of its own for each source: what is in the store already takes no room. */
const large = (of: string) => tarOf({ path: "large", type: "file", text: of.repeat(40 << 20) });
const many = (of: string) =>
  tarOf(...Array.from({ length: 3000 }, (_, at): Given => ({ path: `f${at}`, type: "file", text: of })));
let dir = "";
let disk: SmallDisk;
let server: Server;
let daemon: GitDaemon;
let registry = "";

full.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-full-sources-"));
  disk = new SmallDisk(join(dir, "disk"));
  for (const [name, make] of Object.entries({ large, many })) {
    writeFileSync(join(dir, `${name}.tar`), imageArchive({ layers: [make("a")] }));
    makeRepository(join(dir, "served", name), make("b"));
  }
  const images = new Map([
    ["large", imageBlobs({ layers: [large("c")] })],
    ["many", imageBlobs({ layers: [many("c")] })],
  ]);
  server = createServer((request, response) => {
    const [, , name = "", , wanted = ""] = (request.url ?? "").split("/");
    const image = images.get(name);
    const bytes = image?.blobs.get(wanted === "1" ? image.root.digest : wanted);
    if (bytes === undefined) response.writeHead(request.url === "/v2/" ? 200 : 404).end();
    else response.writeHead(200, { "content-type": image?.root.mediaType }).end(bytes);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  daemon = await startGitDaemon(join(dir, "served"));
  const { exitCode, stderr } = await slipway("version");
  assert.is(exitCode, 0, stderr);
});
full.after(async () => {
  server.close();
  await daemon.stop();
  disk.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A repository with these files, and a module beside them. */
function makeRepository(folder: string, tar: Buffer): void {
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-x", "-C", folder], { input: tar });
  const git = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  for (const words of [
    ["init", "-q", "-b", "main"],
    ["add", "."],
    [...git, "commit", "-q", "-m", "x"],
  ])
    execFileSync("git", words, { cwd: folder });
}

async function slipway(...args: readonly string[]) {
  const env = { SLIPWAY_STORE: disk.store, SLIPWAY_STORE_LIMIT: "none", NO_PROXY: "127.0.0.1" };
  return await runSlipway(dir, args, { env });
}

const FULL = /no space left on device|out of diskspace/i;

for (const [what, words] of [
  [
    "an image's import",
    (name: string) => ["container", "import", "--source", join(dir, `${name}.tar`), "directory", "--path=/"],
  ],
  ["a pull", (name: string) => ["container", "from", "--address", `${registry}/${name}:1`, "directory", "--path=/"]],
  ["a fetch of git", (name: string) => ["git", "--url", `${daemon.url}/${name}`, "branch", "--name=main", "tree"]],
] as const) {
  for (const [name, leave] of [
    ["large", () => disk.leaveRoom(20)],
    ["many", () => disk.leaveFiles(500)],
  ] as const) {
    full(
      `${what} of ${name === "large" ? "a large file" : "many files"}: told, without harm, and done when there is room`,
      async () => {
        const command = ["core", ...words(name), "entries"];
        leave();
        const failed = await slipway(...command);
        assert.is.not(failed.exitCode, 0, failed.stdout);
        assert.ok(FULL.test(failed.stderr), failed.stderr);
        assert.match(failed.stderr, "  to do: free some space there, or set SLIPWAY_STORE to a folder on another disk");
        assert.equal(disk.leftovers(), []);
        disk.makeRoom();
        const { exitCode, stdout, stderr } = await slipway(...command);
        assert.is(exitCode, 0, stderr);
        assert.match(stdout, name === "large" ? "large" : "f2999");
        assert.equal(disk.leftovers(), []);
      },
    );
  }
}

full.run();
