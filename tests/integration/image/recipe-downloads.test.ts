import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../engine/src/image/oci.ts";
import type { RecipeStep } from "../../../engine/src/image/recipe.ts";
import { fetchStep } from "../../../engine/src/image/recipe-fetch.ts";
import { type FileServer, startFileServer } from "../../support/file-server.ts";
import { withVariables } from "../../support/with-variables.ts";

/** Mirrors of Maven Central and of Go modules, which the person has told Maven and Go about. */
const downloads = suite("what recipes download");

const CONTENT = "what the recipe names, long enough to be cut in the middle";
const RIGHT = hexOf(CONTENT);
const WRONG = CONTENT.replace("w", "W");
const dir = mkdtempSync(join(tmpdir(), "slipway-downloads-"));
const home = join(dir, "home");
let server: FileServer;
let next = 0;

downloads.before(async () => {
  server = await startFileServer();
  mkdirSync(join(home, ".m2"), { recursive: true });
  setMavenMirror(`${server.url}/maven`);
});
downloads.before.each(() => {
  server.files.clear();
  server.asked.length = 0;
});
downloads.after(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function hexOf(content: string): string {
  return sha256(content).slice("sha256:".length);
}

function setMavenMirror(url: string): void {
  const mirror = `<mirror><url>${url}</url><mirrorOf>central</mirrorOf></mirror>`;
  writeFileSync(join(home, ".m2", "settings.xml"), `<settings><mirrors>${mirror}</mirrors></settings>`);
}

function archive(from: string): RecipeStep {
  return { kind: "archive", from, sha256: RIGHT, files: {}, executables: [] };
}

/** What came, or why not; and what is left in the folder. */
async function load(step: RecipeStep, more: Readonly<Record<string, string | undefined>> = {}) {
  const folder = join(dir, `load-${next++}`);
  const env = { HOME: home, GOPROXY: `${server.url}/go,direct`, GOENV: undefined, XDG_CONFIG_HOME: undefined, ...more };
  const fetched = await withVariables(env, () => fetchStep(step, folder).catch((error: Error) => error));
  const left = existsSync(folder) ? readdirSync(folder) : [];
  if (fetched instanceof Error) return { why: fetched.message, left };
  const [file = ""] = [...fetched.values()];
  return { content: readFileSync(file, "utf8"), left };
}

const MAVEN_SETTING = "the mirror of central in ~/.m2/settings.xml";
const GO = "go:a.example/b@v1.0.0";
const GO_PATH = "/go/a.example/b/@v/v1.0.0.zip";
const JARS: RecipeStep = { kind: "maven", into: "/opt", artifacts: [{ at: "a.example:b:1", sha256: RIGHT }] };

for (const [name, step, path, setting] of [
  [
    "maven:a.example:b:1:linux@zip",
    archive("maven:a.example:b:1:linux@zip"),
    "/maven/a/example/b/1/b-1-linux.zip",
    MAVEN_SETTING,
  ],
  [GO, archive(GO), GO_PATH, "GOPROXY"],
  ["a.example:b:1", JARS, "/maven/a/example/b/1/b-1.jar", MAVEN_SETTING],
] as const) {
  downloads(`${name} comes from the person's mirror`, async () => {
    server.files.set(path, CONTENT);
    assert.is((await load(step)).content, CONTENT);
    assert.equal(server.asked, [`GET ${path}`]);
  });

  downloads(`${name} with one other byte is refused, and nothing of it is left`, async () => {
    server.files.set(path, WRONG);
    assert.equal(await load(step), {
      why: [
        `${name} from ${server.url}${path} is not what the recipe names`,
        `  expected: SHA-256 ${RIGHT}`,
        `  got:      SHA-256 ${hexOf(WRONG)}, ${WRONG.length} bytes`,
        `  to do: check what answers there (a mirror, a proxy that wants a login), or set another place by ${setting}; nothing of it was kept`,
      ].join("\n"),
      left: [],
    });
  });

  downloads(`${name} that has gone is told with what curl says`, async () => {
    for (const status of [404, 410]) {
      server.files.set(path, (_request, response) => void response.writeHead(status).end());
      assert.equal(await load(step), {
        why: [
          `${name} could not be downloaded from ${server.url}${path}: The requested URL returned error: ${status}`,
          `  to do: set a place that has it by ${setting}; where it has gone for good, another tag of the image or a newer Slipway names another file`,
        ].join("\n"),
        left: [],
      });
    }
  });
}

downloads("a web page in place of a file is told with its words", async () => {
  const page = "<html><head><title>Sign in</title></head><body>to the guest network</body></html>";
  server.files.set(GO_PATH, page);
  const { why = "" } = await load(archive(GO));
  assert.is(
    why.split("\n")[2],
    `  got:      SHA-256 ${hexOf(page)}, ${page.length} bytes, a web page: Sign in: to the guest network`,
  );
});

downloads("a file that a server has packed is told as that", async () => {
  const packed = gzipSync(CONTENT);
  server.files.set(GO_PATH, (_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
  });
  const { why = "" } = await load(archive(GO));
  const got = createHash("sha256").update(packed).digest("hex");
  assert.is(why.split("\n")[2], `  got:      SHA-256 ${got}, ${packed.length} bytes, packed by gzip`);
});

downloads("all files that are wrong or gone are told at once, with one advice for each kind", async () => {
  const artifacts = ["b", "c", "d"].map((name) => ({ at: `a.example:${name}:1`, sha256: RIGHT }));
  server.files.set("/maven/a/example/b/1/b-1.jar", WRONG);
  server.files.set("/maven/a/example/c/1/c-1.jar", CONTENT);
  const { why = "", left } = await load({ kind: "maven", into: "/opt", artifacts });
  assert.equal(
    why.split("\n").filter((line) => !line.startsWith("  expected") && !line.startsWith("  got")),
    [
      `a.example:b:1 from ${server.url}/maven/a/example/b/1/b-1.jar is not what the recipe names`,
      `a.example:d:1 could not be downloaded from ${server.url}/maven/a/example/d/1/d-1.jar: The requested URL returned error: 404`,
      `  to do: check what answers there (a mirror, a proxy that wants a login), or set another place by ${MAVEN_SETTING}; nothing of it was kept`,
      `  to do: set a place that has it by ${MAVEN_SETTING}; where it has gone for good, another tag of the image or a newer Slipway names another file`,
    ],
  );
  assert.equal(left, ["c-1.jar"]);
});

/** Gives half of what is left of the content, and ends the connection; the length that it says is that of the whole. */
function cut(content: string, hasRanges: boolean) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const from = hasRanges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
    const rest = content.slice(from);
    const headers = {
      "content-length": rest.length,
      "content-range": `bytes ${from}-${content.length - 1}/${content.length}`,
    };
    response.writeHead(from === 0 ? 200 : 206, from === 0 ? { "content-length": rest.length } : headers);
    response.write(rest.slice(0, Math.ceil(rest.length / 2)), () => response.destroy());
  };
}

downloads("a download that ends in the middle goes on where it ended", async () => {
  const ranges: (string | undefined)[] = [];
  server.files.set(GO_PATH, (request, response) => {
    ranges.push(request.headers.range);
    if (ranges.length < 3) return cut(CONTENT, true)(request, response);
    const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0]);
    response.writeHead(206, { "content-range": `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` });
    return void response.end(CONTENT.slice(from));
  });
  assert.is((await load(archive(GO))).content, CONTENT);
  const half = CONTENT.length / 2;
  assert.equal(ranges, [undefined, `bytes=${half}-`, `bytes=${half + Math.ceil(half / 2)}-`]);
});

downloads("a server that gives no parts is asked for the whole file again", async () => {
  let asked = 0;
  server.files.set(GO_PATH, (request, response) => {
    if (asked++ === 0) return cut(CONTENT, false)(request, response);
    return void response.end(CONTENT);
  });
  assert.is((await load(archive(GO))).content, CONTENT);
  assert.is(asked, 3);
});

downloads("a file that has changed while it was loaded is loaded from its beginning", async () => {
  let asked = 0;
  server.files.set(GO_PATH, (request, response) => {
    asked++;
    if (asked === 1) return cut(WRONG, true)(request, response);
    if (request.headers.range === undefined) return void response.end(CONTENT);
    const from = Number(/\d+/.exec(request.headers.range)?.[0]);
    response.writeHead(206, { "content-range": `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` });
    return void response.end(CONTENT.slice(from));
  });
  assert.is((await load(archive(GO))).content, CONTENT);
  assert.is(asked, 3);
});

downloads("a connection that ends each time is given up, and told with curl's words", async () => {
  server.files.set(GO_PATH, cut(CONTENT, true));
  const { why = "", left } = await load(archive(GO));
  assert.match(
    why,
    new RegExp(`^${GO} could not be downloaded from ${server.url}${GO_PATH}: .*transfer closed with \\d+ bytes`),
  );
  assert.is(why.split("\n").at(-1), "  to do: try again, or set another place by GOPROXY");
  assert.is(server.asked.length, 4);
  assert.equal(left, []);
});

downloads("another server that an address leads to is followed, and what it gives is compared as well", async () => {
  const other = await startFileServer(new Map([["/b.zip", CONTENT]]));
  try {
    server.files.set(
      GO_PATH,
      (_request, response) => void response.writeHead(302, { location: `${other.url}/b.zip` }).end(),
    );
    assert.is((await load(archive(GO))).content, CONTENT);
    other.files.set("/b.zip", WRONG);
    assert.match((await load(archive(GO))).why ?? "", /^go:\S+ from \S+ is not what the recipe names\n/);
  } finally {
    await other.stop();
  }
});

downloads("an address that leads to a file of this machine is not followed", async () => {
  server.files.set(
    GO_PATH,
    (_request, response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  );
  const { why = "", left } = await load(archive(GO));
  assert.match(why, /: Protocol "file" not supported/);
  assert.equal(left, []);
});

downloads("nobody there is told at once", async () => {
  const gone = await startFileServer();
  await gone.stop();
  const { why = "" } = await load(archive(GO), { GOPROXY: gone.url });
  assert.match(
    why,
    /^go:a\.example\/b@v1\.0\.0 could not be downloaded from http:\S+: Failed to connect to 127\.0\.0\.1 port \d+/,
  );
  assert.is(
    why.split("\n").at(-1),
    "  to do: make it reachable from this machine (network, HTTPS_PROXY), or set another place by GOPROXY",
  );
});

downloads("a password in the address of a mirror is used, and not told", async () => {
  const heard: (string | undefined)[] = [];
  server.files.set(GO_PATH, (request, response) => {
    heard.push(request.headers.authorization);
    response.end(WRONG);
  });
  const withLogin = server.url.replace("//", "//ann:open-sesame@");
  const { why = "" } = await load(archive(GO), { GOPROXY: `${withLogin}/go` });
  assert.equal(heard, [`Basic ${Buffer.from("ann:open-sesame").toString("base64")}`]);
  assert.match(why, `${GO} from ${server.url}${GO_PATH} is not`);
  assert.not.match(why, "sesame");
});

downloads("a login in ~/.netrc is used", async () => {
  const heard: (string | undefined)[] = [];
  server.files.set(GO_PATH, (request, response) => {
    heard.push(request.headers.authorization);
    response.end(CONTENT);
  });
  writeFileSync(join(home, ".netrc"), "machine 127.0.0.1 login ann password open-sesame\n", { mode: 0o600 });
  try {
    assert.is((await load(archive(GO))).content, CONTENT);
  } finally {
    rmSync(join(home, ".netrc"));
  }
  assert.equal(heard, [`Basic ${Buffer.from("ann:open-sesame").toString("base64")}`]);
});

downloads("the proxy of modules that go env -w has written is used, and GOENV=off forbids it", async () => {
  server.files.set("/written/a.example/b/@v/v1.0.0.zip", CONTENT);
  mkdirSync(join(home, ".config/go"), { recursive: true });
  writeFileSync(join(home, ".config/go/env"), `GOFLAGS=-mod=mod\nGOPROXY=${server.url}/written\n`);
  assert.is((await load(archive(GO), { GOPROXY: undefined })).content, CONTENT);
  assert.is((await load(archive(GO), { GOPROXY: undefined, GOENV: join(home, ".config/go/env") })).content, CONTENT);
});

downloads.run();
