import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../../cluster/command.ts";

/** Debian itself through a mirror on loopback, which can change what it passes on. */
const mirror = suite("a whole system from a mirror");

const LIMIT_MS = 400_000;
const dir = mkdtempSync(join(tmpdir(), "slipway-mirror-"));
const asked: string[] = [];
let change: (path: string, content: Buffer) => Buffer = (_path, content) => content;
let server: Server;
let stores = 0;

mirror.before(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    fetch(`http://deb.debian.org${path}`).then(
      async (answer) => response.writeHead(answer.status).end(change(path, Buffer.from(await answer.arrayBuffer()))),
      (error: Error) => response.writeHead(502).end(error.message),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
mirror.after(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function make() {
  const { exitCode, stdout, stderr } = await runCommand([resolve("slipway"), "query"], {
    input: '{container{from(address:"debian:bookworm"){file(path:"/etc/debian_version"){contents}}}}',
    env: {
      NO_COLOR: "1",
      SLIPWAY_IMAGES: "recipe",
      SLIPWAY_STORE: join(dir, `store-${stores++}`),
      SLIPWAY_DEBIAN_MIRROR: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    limitMs: LIMIT_MS,
  });
  return { exitCode, stdout, said: `${stdout}${stderr}`.replaceAll("\\n", "\n") };
}

mirror("is Debian's, known by its keys", async () => {
  const { exitCode, stdout, said } = await make();
  assert.is(exitCode, 0, said);
  assert.match(stdout, /"contents": "12\.\d+\\n"/);
  for (const place of [
    "debian/dists/bookworm",
    "debian/dists/bookworm-updates",
    "debian-security/dists/bookworm-security",
  ])
    assert.ok(asked.includes(`/${place}/InRelease`), place);
});

for (const [what, place, words] of [
  ["an index", "/debian/dists/bookworm/InRelease", /BADSIG|signatures were invalid/],
  ["a package", "/base-files", /Hash Sum mismatch/],
] as const) {
  mirror(`is refused when the mirror changes one byte of ${what}`, async () => {
    change = (path, content) => {
      if (!path.includes(place)) return content;
      const other = Buffer.from(content);
      // In the middle of what is signed, or of the package.
      const at = Math.floor(other.length / 2);
      other[at] = (other[at] ?? 0) ^ 1;
      return other;
    };
    const { exitCode, said } = await make();
    assert.is(exitCode, 1, said);
    assert.match(said, words);
    assert.match(
      said,
      "to do: check what answers there (a mirror, a proxy that wants a login): it is not what Debian signed",
    );
  });
}

mirror.run();
