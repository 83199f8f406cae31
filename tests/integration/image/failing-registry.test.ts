import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ImageContent, Images } from "../../../engine/src/image/images.ts";
import { type FailingProxy, type Failure, type Seen, startFailingProxy } from "../../support/failing-proxy.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { makeImage } from "./image-of-layers.ts";

/** Two layers, one of them long enough to be cut in the middle. */
const LAYERS = [400_000, 1_000];
/** Pauses so short that a hundred failures take seconds; their growth is shown by the unit tests. */
const patience = { limitMs: 20_000, firstPauseMs: 5 };

const answer = (status: number, body = "", headers: Readonly<Record<string, string>> = {}): Failure => ({
  kind: "answer",
  status,
  body,
  headers,
});
const error = (code: string) => JSON.stringify({ errors: [{ code, message: "try again", detail: {} }] });
const page = "<html><head><title>503</title></head><body><h1>Back soon</h1></body></html>";

/** All that passes by itself, or by asking again. */
const failures: Readonly<Record<string, Failure>> = {
  "408": answer(408),
  "425": answer(425),
  "429 with a pause": answer(429, error("TOOMANYREQUESTS"), { "retry-after": "0.02" }),
  "500": answer(500, error("UNKNOWN")),
  "502 without a word": answer(502),
  "503 with a page": answer(503, page, { "content-type": "text/html", "retry-after": "0" }),
  "503 before the body was read": { kind: "answer", status: 503, body: error("UNAVAILABLE"), early: true },
  "504": answer(504, "upstream request timeout"),
  "a reset": { kind: "reset" },
  "a reset in the middle of the request": { kind: "reset", afterBytes: 100_000 },
  "a lost answer": { kind: "lost-answer" },
  "an answer that is cut": { kind: "cut-answer" },
  "401 out of turn": answer(401, error("UNAUTHORIZED"), { "www-authenticate": 'Basic realm="test"' }),
};

const failing = suite("a registry behind a proxy that fails once");

let folder = "";
let registry: Registry;
let source: { images: Images; content: ImageContent };

failing.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "failing-registry-"));
  registry = await startRegistry();
  source = makeImage(join(folder, "source"), LAYERS, { patience });
});

failing.after(async () => {
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let repositories = 0;

async function through<T>(
  plan: (at: number, request: Seen) => Failure | undefined,
  work: (proxy: FailingProxy) => Promise<T>,
): Promise<T> {
  const proxy = await startFailingProxy(registry.address, plan);
  try {
    return await work(proxy);
  } finally {
    await proxy.stop();
  }
}

async function push({ address }: FailingProxy, repository = `push/${repositories++}`): Promise<string> {
  // Each as somebody who gave a password, so that a 401 in the middle has an answer.
  const credentials = [{ address, username: "me", password: "open sesame" }];
  const published = await source.images.publish(`${address}/${repository}:1`, [source.content], credentials);
  return published.slice(published.indexOf("@") + 1);
}

const isUpload = ({ method, path }: Seen) => method === "PUT" && path.includes("/blobs/uploads/");
const bytesOf = (seen: readonly Seen[]) => seen.filter(isUpload).reduce((sum, { bytes }) => sum + bytes, 0);

/** Runs some side by side: nearly all of the time is waiting. */
async function forEach<T>(cases: readonly T[], run: (each: T) => Promise<void>): Promise<void> {
  const waiting = [...cases];
  const work = async () => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) await run(each);
  };
  await Promise.all(Array.from({ length: 6 }, work));
}

failing("takes every push, whichever request fails how, and gets no blob twice that it has", async () => {
  const clean = await through(
    () => undefined,
    async (proxy) => ({ digest: await push(proxy), seen: [...proxy.seen] }),
  );
  assert.is(clean.seen.filter(isUpload).length, LAYERS.length + 1);
  const bytes = bytesOf(clean.seen);
  const largest = Math.max(...clean.seen.map((seen) => seen.bytes));
  const cases = clean.seen.flatMap((_, at) =>
    Object.entries(failures).map(([name, failure]) => ({ at, name, failure })),
  );
  await forEach(cases, async ({ at, name, failure }) => {
    let hit: Seen | undefined;
    const plan = (number: number, request: Seen) => {
      if (number !== at) return undefined;
      hit = request;
      return failure;
    };
    await through(plan, async (proxy) => {
      const repository = `push/${repositories++}`;
      const where = `request ${at} (${clean.seen[at]?.method}) with ${name}`;
      const digest = await push(proxy, repository).catch((reason: Error) => `${where}: ${reason.message}`);
      assert.is(digest, clean.digest, where);
      assert.ok(hit !== undefined, where);
      const repeated = isUpload(hit) ? 1 : 0;
      const uploads = proxy.seen.filter(isUpload);
      assert.ok(uploads.length <= LAYERS.length + 1 + repeated, `${where}: ${uploads.length} uploads`);
      assert.ok(bytesOf(proxy.seen) <= bytes + repeated * largest, `${where}: ${bytesOf(proxy.seen)} bytes`);
      if (failure.kind === "lost-answer" || failure.kind === "cut-answer") {
        assert.is(bytesOf(proxy.seen), bytes, `${where}: what the registry has came again`);
      }
      assert.is(
        proxy.seen.filter(({ path, method }) => method === "PUT" && path.endsWith("/manifests/1")).length <= 2,
        true,
      );
    });
  });
  console.log(`  ${cases.length} pushes: ${clean.seen.length} requests × ${Object.keys(failures).length} failures`);
});

failing("gives every pull, whichever request fails how, also with a byte changed on the way", async () => {
  const repository = "pull/source";
  const digest = await through(
    () => undefined,
    (proxy) => push(proxy, repository),
  );
  let stores = 0;
  const pull = async ({ address }: FailingProxy) => {
    const storeDir = join(folder, `pulled-${stores++}`);
    const images = new Images({ storeDir, from: "registry", patience });
    const credentials = [{ address, username: "me", password: "open sesame" }];
    const image = await images.get(`${address}/${repository}:1`, "linux/amd64", credentials);
    rmSync(storeDir, { recursive: true });
    return { digest: image.digest, layers: image.snapshot.layers };
  };
  const clean = await through(
    () => undefined,
    async (proxy) => ({ pulled: await pull(proxy), seen: [...proxy.seen] }),
  );
  assert.is(clean.pulled.digest, digest);
  const kinds = { ...failures, "a changed byte": { kind: "changed-answer" } satisfies Failure };
  const cases = clean.seen.flatMap(({ method, path }, at) =>
    Object.entries(kinds).flatMap(([name, failure]) =>
      failure.kind === "changed-answer" && (method === "HEAD" || path.includes("/manifests/"))
        ? []
        : [{ at, name, failure }],
    ),
  );
  await forEach(cases, async ({ at, name, failure }) => {
    await through(
      (number) => (number === at ? failure : undefined),
      async (proxy) => {
        const where = `request ${at} (${clean.seen[at]?.method} ${clean.seen[at]?.path}) with ${name}`;
        const pulled = await pull(proxy).catch((reason: Error) => `${where}: ${reason.message}`);
        assert.equal(pulled, clean.pulled, where);
        assert.ok(proxy.seen.length <= clean.seen.length + 2, `${where}: ${proxy.seen.length} requests`);
      },
    );
  });
  console.log(`  ${cases.length} pulls: ${clean.seen.length} requests × ${Object.keys(kinds).length} failures`);
});

failing.run();
