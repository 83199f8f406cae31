import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeCertificate } from "../../support/own-certificate.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { makeImage } from "./image-of-layers.ts";

/** Where a connection is cut: after so many bytes in one direction. */
interface Cut {
  readonly from: "client" | "server";
  readonly afterBytes: number;
}

const cuts: Readonly<Record<string, Cut>> = {
  "before the greeting": { from: "client", afterBytes: 1 },
  "in the middle of the handshake": { from: "server", afterBytes: 700 },
  "in the middle of an upload": { from: "client", afterBytes: 200_000 },
};

const tls = suite("a registry behind TLS that is cut");

let folder = "";
let registry: Registry;

tls.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "cut-tls-"));
  const files = makeCertificate(folder, "127.0.0.1", "0.0.0.0");
  process.env["SSL_CERT_FILE"] = files.certificate;
  registry = await startRegistry({ tls: files });
});

tls.after(async () => {
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Passes bytes on without understanding them, and cuts the first connection that gets so far. */
async function startRelay(cut: Cut): Promise<{ address: string; cuts(): number; stop(): Promise<void> }> {
  let done = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const [host = "", port] = registry.address.split(":");
    const upstream = connect(Number(port), host);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
    open.add(client);
    let bytes = 0;
    (cut.from === "client" ? client : upstream).on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (done > 0 || bytes < cut.afterBytes) return;
      done++;
      client.resetAndDestroy();
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  // An address of this machine that is not taken for one, so that TLS is spoken.
  return { address: `0.0.0.0:${port}`, cuts: () => done, stop };
}

for (const [name, cut] of Object.entries(cuts)) {
  tls(`takes a push whose connection is cut ${name}`, async () => {
    const relay = await startRelay(cut);
    try {
      const patience = { limitMs: 20_000, firstPauseMs: 5 };
      const { images, content } = makeImage(join(folder, name), [400_000], { patience });
      const published = await images.publish(`${relay.address}/cut-${cut.from}-${cut.afterBytes}:1`, [content], []);
      assert.match(published, /@sha256:[0-9a-f]{64}$/);
      assert.is(relay.cuts(), 1);
    } finally {
      await relay.stop();
    }
  });
}

tls("is taken on the own machine without a look at its certificate", async () => {
  const authority = process.env["SSL_CERT_FILE"];
  delete process.env["SSL_CERT_FILE"];
  try {
    const { images, content } = makeImage(join(folder, "own"), [1_000]);
    const published = await images.publish(`${registry.address}/own:1`, [content], []);
    assert.is((await images.get(published, "linux/amd64", [])).ref, published);
    const elsewhere = `${registry.address.replace("127.0.0.1", "0.0.0.0")}/own:1`;
    const refused = await images.publish(elsewhere, [content], []).catch((error: Error) => error.message);
    assert.match(refused, /: tls: failed to verify certificate: x509: certificate signed by unknown authority$/);
  } finally {
    process.env["SSL_CERT_FILE"] = authority;
  }
});

tls.run();
