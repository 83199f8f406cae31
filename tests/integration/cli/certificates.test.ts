import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeCertificate } from "../../support/own-certificate.ts";
import { runSlipway } from "../../support/run-slipway.ts";

const certificates = suite("certificates that a person's environment adds");

let folder = "";
let server: Server;
let url = "";
let file = "";

certificates.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-certificates-"));
  const { certificate, key } = makeCertificate(folder, "127.0.0.1");
  file = certificate;
  server = createServer({ cert: readFileSync(file), key: readFileSync(key) }, (_request, response) =>
    response.end("there"),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

certificates.after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const download = () => ["core", "--progress=plain", "http", "--url", url, "contents"];

/** An environment with no certificates but those that are named. */
function environment(named: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { NODE_EXTRA_CA_CERTS: undefined, SSL_CERT_FILE: undefined, NODE_OPTIONS: undefined, ...named };
}

certificates("are those of a download as well", async () => {
  const { stdout, stderr, exitCode } = await runSlipway(folder, download(), {
    env: environment({ NODE_EXTRA_CA_CERTS: file }),
  });
  assert.equal({ stdout, exitCode }, { stdout: "there", exitCode: 0 }, stderr);
});

certificates("count beside those that Node is told to take by an option", async () => {
  const env = environment({ NODE_EXTRA_CA_CERTS: file, NODE_OPTIONS: "--use-openssl-ca" });
  const { stdout, stderr, exitCode } = await runSlipway(folder, download(), { env });
  assert.equal({ stdout, exitCode }, { stdout: "there", exitCode: 0 }, stderr);
});

certificates("are missing where none are named: the connection is refused", async () => {
  const { stderr, exitCode } = await runSlipway(folder, download(), { env: environment({}) });
  assert.is(exitCode, 1);
  assert.match(
    stderr,
    `Error: Get "${url}": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  );
});

certificates("that cannot be read are told in Node's words", async () => {
  const nowhere = join(folder, "nowhere.pem");
  const { stderr, exitCode } = await runSlipway(folder, download(), {
    env: environment({ NODE_EXTRA_CA_CERTS: nowhere }),
  });
  assert.is(exitCode, 1);
  assert.match(stderr, `Warning: Ignoring extra certs from \`${nowhere}\`, load failed: `);
});

certificates("are told to what a command starts under their own name", async () => {
  writeFileSync(join(folder, "show.sh"), 'echo "$NODE_EXTRA_CA_CERTS ${SLIPWAY_EXTRA_CA_CERTS-none}"');
  const env = environment({ NODE_EXTRA_CA_CERTS: file });
  const { stdout, stderr } = await runSlipway(folder, ["run", "sh", "show.sh"], { env });
  assert.is(stdout, `${file} none\n`, stderr);
  const secret = ["core", "secret", "--uri", "env://NODE_EXTRA_CA_CERTS", "plaintext"];
  assert.is((await runSlipway(folder, secret, { env })).stdout, file);
});

certificates.run();
