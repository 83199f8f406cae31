import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createPlain, type RequestListener, type Server } from "node:http";
import { createServer as createSecure } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import { download } from "../../../engine/src/api/web-file.ts";
import { Images } from "../../../engine/src/image/images.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { type FileServer, startFileServer } from "../../support/file-server.ts";
import { makeCertificate } from "../../support/own-certificate.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { openTestSession } from "../../support/test-session.ts";
import { setVariables } from "../../support/with-variables.ts";

/** What a server elsewhere says leads to this machine, where only the machine itself is answered. */
const inside = suite("a server elsewhere that leads to this machine");

/** An address of nobody (RFC 5737), which the machine's proxy answers. */
const ELSEWHERE = "203.0.113.7";
const dir = mkdtempSync(join(tmpdir(), "slipway-led-inside-"));
const servers: Server[] = [];
let here: FileServer;
let putBack: () => void = () => undefined;
/** How the server elsewhere answers. */
let respond: RequestListener = (_request, response) => void response.writeHead(404).end();

inside.before(async () => {
  mkdirSync(join(dir, "work"));
  const { certificate, key } = makeCertificate(dir, ELSEWHERE);
  const secure = createSecure({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) =>
    respond(request, response),
  );
  const proxy = createPlain((request, response) => respond(request, response));
  const ports = await Promise.all([secure, proxy].map(listen));
  proxy.on("connect", (_request, socket, head) => {
    const through = connect(ports[0] ?? 0, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      through.write(head);
      socket.pipe(through).pipe(socket);
    });
    for (const [one, other] of [[socket, through], [through, socket]] as const) one.on("error", () => other.destroy()); // biome-ignore format: a pair
  });
  here = await startFileServer(new Map([["/secret", "only for this machine"]]));
  // Names that lead here, in our own mount namespace.
  writeFileSync(join(dir, "hosts"), "127.0.0.1 localhost here.example\n169.254.169.254 metadata.example\n");
  assert.is(spawnSync("mount", ["--bind", join(dir, "hosts"), "/etc/hosts"]).status, 0);
  const by = `http://127.0.0.1:${ports[1]}`;
  putBack = setVariables({
    HTTPS_PROXY: by,
    HTTP_PROXY: by,
    http_proxy: by,
    no_proxy: "127.0.0.1,localhost",
    NO_PROXY: "127.0.0.1,localhost",
    SSL_CERT_FILE: certificate,
  });
});
inside.before.each(() => void here.asked.splice(0));
inside.after(async () => {
  putBack();
  spawnSync("umount", ["/etc/hosts"]);
  for (const server of servers) server.close();
  for (const server of servers) server.closeAllConnections();
  await here.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Places of this machine by an address and by a name, each with how an error shows it. */
function places(path: string): readonly (readonly [string, string])[] {
  const port = new URL(here.url).port;
  return [
    [`${here.url}${path}`, `${here.url}${path}`],
    [`http://[::ffff:127.0.0.1]:${port}${path}`, `http://[::ffff:7f00:1]:${port}${path}`],
    [`http://localhost:${port}${path}`, `http://localhost:${port}${path}`],
    [`http://2130706433:${port}${path}`, `${here.url}${path}`],
    [`http://169.254.169.254${path}`, `http://169.254.169.254${path}`],
    [`http://here.example:${port}${path}`, `http://here.example:${port}${path} (127.0.0.1)`],
    [`http://metadata.example${path}`, `http://metadata.example${path} (169.254.169.254)`],
  ];
}

let stores = 0;

async function pull(name: string): Promise<string> {
  const images = new Images({ storeDir: join(dir, `images-${stores++}`), from: "registry", patience: { limitMs: 0 } });
  const got = await images.get(name, "linux/amd64", []).catch((error: Error) => error);
  return got instanceof Error
    ? got.message.replace(/^failed to resolve image .*?\(platform: "linux\/amd64"\): /, "")
    : got.digest;
}

const refusal = (shown: string) =>
  [
    `the registry ${ELSEWHERE} leads to ${shown}, an address that only this machine reaches: it was not asked`,
    "  to do: tell those who run the registry; one that runs on this machine is named by its address here, such as 127.0.0.1:5000",
  ].join("\n");

inside("a registry that leads a blob's request there is refused, whatever the address looks like", async () => {
  const digest = `sha256:${"a".repeat(64)}`;
  for (const [to, shown] of places("/secret")) {
    respond = (_request, response) => void response.writeHead(307, { location: to }).end();
    assert.is(await pull(`${ELSEWHERE}/team/x@${digest}`), refusal(shown), to);
  }
  assert.equal(here.asked, []);
});

inside("a registry that leads there with TLS is refused as well", async () => {
  const port = new URL(here.url).port;
  for (const to of [`https://127.0.0.1:${port}/secret`, "https://169.254.169.254/secret"]) {
    respond = (_request, response) => void response.writeHead(307, { location: to }).end();
    assert.is(await pull(`${ELSEWHERE}/team/x:1`), refusal(to));
  }
  assert.equal(here.asked, []);
});

inside(
  "a registry whose tokens are given out there is refused, and so is one whose tokens come without TLS",
  async () => {
    const challenge =
      (realm: string): RequestListener =>
      (_request, response) =>
        void response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="x"` }).end();
    respond = challenge("https://169.254.169.254/token");
    assert.is(await pull(`${ELSEWHERE}/team/x:1`), refusal("https://169.254.169.254/token"));
    for (const realm of [`${here.url}/token`, "http://203.0.113.9/token"]) {
      respond = challenge(realm);
      assert.is(
        await pull(`${ELSEWHERE}/team/x:1`),
        `the registry ${ELSEWHERE} names ${realm} for tokens, without TLS, where anybody could read it\n  to do: tell those who run the registry`,
      );
    }
    assert.equal(here.asked, []);
  },
);

inside("a registry that leads to what is not an address is told so", async () => {
  respond = (_request, response) => void response.writeHead(307, { location: "http://[" }).end();
  assert.is(
    await pull(`${ELSEWHERE}/team/x:1`),
    `${ELSEWHERE} leads to "http://[", which is not an address\n  to do: tell those who run it`,
  );
  respond = (_request, response) =>
    void response.writeHead(401, { "www-authenticate": 'Bearer realm="http://[",service="x"' }).end();
  assert.match(await pull(`${ELSEWHERE}/team/x:1`), "401 Unauthorized");
});

inside("a registry of this machine that is named may lead on in this machine", async () => {
  const front = createPlain(
    (request, response) => void response.writeHead(307, { location: `${here.url}${request.url}` }).end(),
  );
  const port = await listen(front);
  assert.match(await pull(`127.0.0.1:${port}/team/x:1`), "404 Not Found");
  assert.ok(here.asked.includes("GET /v2/team/x/manifests/1"), here.asked.join());
});

/** What the API answers to the person's own command line, or its error. */
async function ask(query: string): Promise<string> {
  const open = await openTestSession({ workdir: join(dir, "work"), storeDir: join(dir, "store") });
  try {
    const { body } = await answer(open.graph, coreCatalogue(), { query });
    const { data, errors } = body as { data?: unknown; errors?: readonly { message: string }[] };
    return errors?.map(({ message }) => message).join("\n") ?? JSON.stringify(data);
  } finally {
    await open.close();
  }
}

async function load(url: string): Promise<string> {
  const said = await ask(`{ http(url: ${JSON.stringify(url)}) { contents } }`);
  return said.startsWith("{") ? (JSON.parse(said) as { http: { contents: string } }).http.contents : said;
}

inside("an address of the web that leads there is refused", async () => {
  const first = `http://${ELSEWHERE}/a`;
  for (const [to, shown] of places("/secret")) {
    respond = (_request, response) => void response.writeHead(302, { location: to }).end();
    assert.is(
      await load(first),
      `Get "${first}": it leads to ${shown}, an address that only this machine reaches: it was not asked\n  to do: give that address itself if you want it`,
      to,
    );
  }
  assert.equal(here.asked, []);
});

inside("a service of the session that leads there is refused: what runs in it is not the machine's", async () => {
  const front = createPlain((request, response) => {
    if (request.url === "/a") response.writeHead(302, { location: "/b" });
    else response.writeHead(302, { location: `${here.url}/secret` });
    response.end();
  });
  const address = { host: "127.0.0.1", port: await listen(front) };
  const asking = { address, authorization: undefined, isKnown: true, isContainer: false, isOffline: false };
  const said = await download("http://web/a", asking, join(dir, "file")).catch((error: Error) => error.message);
  assert.is(
    said,
    `Get "http://web/b": it leads to ${here.url}/secret, an address that only this machine reaches: it was not asked\n  to do: give that address itself if you want it`,
  );
  assert.equal(here.asked, []);
});

inside("a login goes along to the same host, but not out of TLS", async () => {
  const logins: string[] = [];
  const asking = { address: undefined, isKnown: true, isContainer: false, isOffline: false };
  const path = (url = "") => url.replace(`http://${ELSEWHERE}`, "");
  respond = (request, response) => {
    logins.push(`${request.url} ${request.headers.authorization}`);
    const to = { "/a": "/b", "/b": `http://${ELSEWHERE}/c` }[path(request.url)];
    if (to !== undefined) response.writeHead(302, { location: to });
    response.end();
  };
  await download(`https://${ELSEWHERE}/a`, { ...asking, authorization: "secret" }, join(dir, "file"));
  assert.equal(logins, ["/a secret", "/b secret", `http://${ELSEWHERE}/c undefined`]);
});

/** The branches of a repository that the person asks for, or the error. */
async function branches(url: string): Promise<string> {
  return await ask(`{ git(url: ${JSON.stringify(url)}) { branches } }`);
}

inside("a repository on the web that leads there is refused, and so is a module in one", async () => {
  const first = `http://${ELSEWHERE}/a.git`;
  for (const [to, shown] of places("/repo.git")) {
    respond = (_request, response) =>
      void response.writeHead(301, { location: `${to}/info/refs?service=git-upload-pack` }).end();
    const refusal = `git error: ${first} leads to ${shown}, an address that only this machine reaches: it was not asked\n  to do: give that address itself if you want it`;
    assert.is(await branches(first), refusal, to);
  }
  const { exitCode, stderr } = await runSlipway(join(dir, "work"), ["functions", "-m", `${first}@main`], {
    env: { SLIPWAY_STORE: join(dir, "store") },
    limitMs: 60_000,
  });
  assert.is(exitCode, 1);
  assert.match(
    stderr,
    "leads to http://metadata.example/repo.git (169.254.169.254), an address that only this machine",
  );
  assert.equal(here.asked, []);
});

inside("a repository that leads to what is not an address is told so", async () => {
  const first = `http://${ELSEWHERE}/a.git`;
  respond = (_request, response) => void response.writeHead(301, { location: "http://[/info/refs" }).end();
  assert.is(await branches(first), `git error: ${first} leads to http://[/info/refs, which is not an address`);
});

inside(
  "a repository on the web may lead to another place of the web, one of this machine to this machine",
  async () => {
    const refs = `${"1".repeat(40)}\trefs/heads/moved\n`;
    here.files.set("/repo.git/info/refs?service=git-upload-pack", refs);
    here.files.set("/repo.git/HEAD", "ref: refs/heads/moved\n");
    respond = (request, response) => {
      const url = new URL(request.url ?? "");
      if (url.pathname.startsWith("/a.git/"))
        response.writeHead(301, { location: `http://203.0.113.9/b.git${url.pathname.slice(6)}${url.search}` }).end();
      else response.end(url.pathname === "/b.git/HEAD" ? "ref: refs/heads/moved\n" : refs);
    };
    assert.match(await branches(`http://${ELSEWHERE}/a.git`), '"branches":["moved"]');
    const front = createPlain(
      (request, response) =>
        void response.writeHead(301, { location: `${here.url}${request.url?.replace("/a.git", "/repo.git")}` }).end(),
    );
    const port = await listen(front);
    assert.match(await branches(`http://127.0.0.1:${port}/a.git`), '"branches":["moved"]');
  },
);

inside("an address of this machine that is given is asked, and may lead on in it", async () => {
  const front = createPlain(
    (_request, response) => void response.writeHead(302, { location: `${here.url}/secret` }).end(),
  );
  const port = await listen(front);
  for (const url of [`${here.url}/secret`, `http://127.0.0.1:${port}/a`])
    assert.is(await load(url), "only for this machine");
});

inside(
  "an address of the web is asked by the machine's proxies, with the certificates that SSL_CERT_FILE names",
  async () => {
    respond = (request, response) => void response.end(`${request.headers.host} was asked for ${request.url}`);
    assert.is(await load(`https://${ELSEWHERE}/a`), `${ELSEWHERE} was asked for /a`);
    assert.is(await load(`http://${ELSEWHERE}/a`), `${ELSEWHERE} was asked for http://${ELSEWHERE}/a`);
  },
);

inside.run();
