import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { type FileServer, startFileServer } from "../../support/file-server.ts";
import { makeCertificate } from "../../support/own-certificate.ts";
import { openTestSession } from "../../support/test-session.ts";

/** `http` of the API before servers that answer in all ways. */
const http = suite("a file from the web");

const dir = mkdtempSync(join(tmpdir(), "slipway-http-"));
const TEXT = "what the file holds\n".repeat(50);
let web: FileServer;
let secure: Server;
let secureUrl = "";
let leads = "";

http.before(async () => {
  mkdirSync(join(dir, "work"));
  const { certificate, key } = makeCertificate(dir, "127.0.0.1");
  process.env["SSL_CERT_FILE"] = certificate;
  web = await startFileServer();
  secure = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (_request, response) => {
    if (leads !== "") response.writeHead(302, { location: leads });
    response.end(TEXT);
  });
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  secureUrl = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
});
http.before.each(() => web.files.clear());
http.after(async () => {
  secure?.close();
  await web?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The contents, or the message of the error, with WEB and TLS in place of the servers' addresses. */
async function load(url: string, more = ""): Promise<string> {
  const open = await openTestSession({ workdir: join(dir, "work"), storeDir: join(dir, "store") });
  try {
    const query = `{ http(url: ${JSON.stringify(url)}${more}) { contents } }`;
    const { body } = await answer(open.graph, coreCatalogue(), { query });
    const { data, errors } = body as {
      readonly data?: { readonly http: { readonly contents: string } };
      readonly errors?: readonly { readonly message: string }[];
    };
    const said = errors?.map(({ message }) => message).join("\n") ?? data?.http.contents ?? "nothing";
    return said.replaceAll(web.url, "WEB").replaceAll(secureUrl, "TLS");
  } finally {
    await open.close();
  }
}

const digest = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const checksum = `, checksum: "${digest(TEXT)}"`;

http("a file that a server packs on its way is what it was before", async () => {
  web.files.set("/a", (request, response) => {
    assert.is(request.headers["accept-encoding"], "gzip");
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(TEXT));
  });
  assert.is(await load(`${web.url}/a`, checksum), TEXT);
});

http("a packed file that is damaged is refused", async () => {
  const packed = gzipSync(TEXT);
  packed.fill(0xff, 12, 20);
  web.files.set("/a", (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(packed));
  assert.match(await load(`${web.url}/a`), /^Get "WEB\/a": gzip: /);
});

for (const [how, headers] of [
  ["that says its length", { "content-length": TEXT.length }],
  ["in parts", {}],
  ["that is packed", { "content-encoding": "gzip" }],
] as const) {
  http(`a file ${how} and ends in the middle is refused`, async () => {
    const content = "content-encoding" in headers ? gzipSync(TEXT) : Buffer.from(TEXT);
    web.files.set("/a", (_request, response) => {
      response.writeHead(200, headers);
      response.write(content.subarray(0, content.length / 2), () => response.destroy());
    });
    assert.is(await load(`${web.url}/a`), 'Get "WEB/a": unexpected EOF');
  });
}

http("a web page in place of a file is refused by the checksum", async () => {
  const page = "<html>sign in</html>";
  web.files.set("/a", page);
  assert.is(
    await load(`${web.url}/a`, checksum),
    `http checksum mismatch: expected ${digest(TEXT)}, got ${digest(page)}`,
  );
});

for (const [status, words] of [
  [404, "404 Not Found"],
  [410, "410 Gone"],
  [204, "204 No Content"],
  [206, "206 Partial Content"],
] as const) {
  http(`an answer ${status} is no file`, async () => {
    web.files.set("/a", (_request, response) => void response.writeHead(status).end());
    assert.is(await load(`${web.url}/a`), `invalid response status ${words}`);
  });
}

http("a server with TLS that leads to one without is not followed, unless it is known what has to come", async () => {
  web.files.set("/a", TEXT);
  leads = `${web.url}/a`;
  assert.is(
    await load(`${secureUrl}/a`),
    'Get "TLS/a": it leads to WEB/a, without TLS, where anybody could have answered\n  to do: give the checksum of the expected file, or an address that stays on https',
  );
  assert.is(await load(`${secureUrl}/a`, checksum), TEXT);
  leads = "";
  assert.is(await load(`${secureUrl}/a`), TEXT);
});

http("a server that leads to what is not an address is told so", async () => {
  for (const location of ["http://[", "https://a:b:c/"]) {
    web.files.set("/a", (_request, response) => void response.writeHead(302, { location }).end());
    assert.is(await load(`${web.url}/a`), `Get "WEB/a": failed to parse Location header "${location}"`);
  }
});

http("a server without TLS that leads to one with it is followed", async () => {
  web.files.set("/a", (_request, response) => void response.writeHead(301, { location: `${secureUrl}/b` }).end());
  assert.is(await load(`${web.url}/a`), TEXT);
});

http("a large file is never whole in memory", async () => {
  const part = Buffer.alloc(1 << 20, "x");
  const parts = 256;
  let most = 0;
  web.files.set("/large", (_request, response) => {
    let left = parts;
    const send = (): void => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
      if (left-- === 0) return void response.end();
      if (response.write(part)) setImmediate(send);
      else response.once("drain", send);
    };
    response.writeHead(200);
    send();
  });
  const before = process.memoryUsage().arrayBuffers;
  const open = await openTestSession({ workdir: join(dir, "work"), storeDir: join(dir, "store") });
  const query = `{ http(url: "${web.url}/large") { size } }`;
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  await open.close();
  assert.equal(body, { data: { http: { size: parts << 20 } } });
  assert.ok(most - before < (parts << 20) / 2, `${(most - before) >> 20} MiB were held`);
});

http.run();
