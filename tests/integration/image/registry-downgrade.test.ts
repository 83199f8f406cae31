import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Images } from "../../../engine/src/image/images.ts";
import { makeCertificate } from "../../support/own-certificate.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { makeImage } from "./image-of-layers.ts";

/** A registry with TLS that sends those who ask on to one without. */
const downgrade = suite("a registry that leads out of TLS");

let folder = "";
let plain: Registry;
let front: Server;
let host = "";
let published = "";
let leads: (path: string) => boolean = () => true;

downgrade.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "downgrade-"));
  const { certificate, key } = makeCertificate(folder, "0.0.0.0");
  process.env["SSL_CERT_FILE"] = certificate;
  plain = await startRegistry();
  const source = makeImage(join(folder, "source"), [1_000]);
  published = await source.images.publish(`${plain.address}/team/x:1`, [source.content], []);
  front = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, async (request, response) => {
    const path = request.url ?? "";
    if (leads(path)) return void response.writeHead(307, { location: `http://${plain.address}${path}` }).end();
    const answer = await fetch(`http://${plain.address}${path}`, {
      method: request.method ?? "GET",
      headers: { accept: request.headers.accept ?? "*/*" },
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => front.listen(0, "0.0.0.0", resolve));
  // An address of this machine that is not taken for one, so that TLS is spoken.
  host = `0.0.0.0:${(front.address() as AddressInfo).port}`;
});
downgrade.after(async () => {
  front?.closeAllConnections();
  front?.close();
  await plain?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let stores = 0;

async function pull(name: string): Promise<string> {
  const images = new Images({
    storeDir: join(folder, `store-${stores++}`),
    from: "registry",
    patience: { limitMs: 0 },
  });
  const got = await images.get(`${host}/team/x${name}`, "linux/amd64", []).catch((error: Error) => error);
  return got instanceof Error ? got.message : got.digest;
}

const digest = () => published.replace(/^.*@/, "");

downgrade("what a tag means is not taken from there", async () => {
  leads = () => true;
  assert.is(
    await pull(":1"),
    [
      `failed to resolve image "${host}/team/x:1" (platform: "linux/amd64"): the answer to the GET request to https://${host}/v2/team/x/manifests/1 leads to http://${plain.address}/v2/team/x/manifests/1, without TLS, where anybody could have answered`,
      "  to do: let the registry name an address with https, or name the image by its digest",
    ].join("\n"),
  );
});

downgrade("blobs are taken from there, since their digests are known", async () => {
  leads = (path) => path.includes("/blobs/");
  assert.is(await pull(":1"), digest());
});

downgrade("an image that is named by its digest is taken from there", async () => {
  leads = () => true;
  assert.is(await pull(`@${digest()}`), digest());
});

downgrade("a registry that names itself without TLS is asked with it", async () => {
  leads = () => false;
  const before = front.listeners("request");
  front.removeAllListeners("request");
  front.once("request", (request, response) => {
    response.writeHead(307, { location: `http://${host}${request.url}` }).end();
    for (const listener of before) front.on("request", listener as () => void);
  });
  assert.is(await pull(":1"), digest());
});

downgrade.run();
