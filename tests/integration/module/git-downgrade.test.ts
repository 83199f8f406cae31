import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { type FileServer, startFileServer } from "../../support/file-server.ts";
import { makeCertificate } from "../../support/own-certificate.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { openTestSession } from "../../support/test-session.ts";
import { withVariables } from "../../support/with-variables.ts";

/** A server of repositories with TLS that sends those who ask on to one without. */
const downgrade = suite("a repository that leads out of TLS");

const dir = mkdtempSync(join(tmpdir(), "slipway-git-downgrade-"));
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const REFS = `${COMMIT}\trefs/heads/main\n`;
const certificate = join(dir, "server.pem");
const REFUSED = "/repo.git, without TLS, where anybody could have answered";
let web: FileServer;
let secure: Server;
let url = "";
let leads = true;

downgrade.before(async () => {
  mkdirSync(join(dir, "work"));
  const { key } = makeCertificate(dir, "127.0.0.1");
  // The simplest form in which git takes a repository: files on a web server.
  const files = { "/repo.git/info/refs?service=git-upload-pack": REFS, "/repo.git/HEAD": "ref: refs/heads/main\n" };
  web = await startFileServer(new Map(Object.entries(files)));
  secure = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    const path = request.url ?? "";
    if (leads) return void response.writeHead(302, { location: `${web.url}${path}` }).end();
    return void response.end(files[path as keyof typeof files] ?? "");
  });
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/repo.git`;
});
downgrade.after(async () => {
  secure?.close();
  await web?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function branch(): Promise<string> {
  return await withVariables({ GIT_SSL_CAINFO: certificate }, async () => {
    const open = await openTestSession({ workdir: join(dir, "work"), storeDir: join(dir, "store") });
    try {
      const query = `{ git(url: ${JSON.stringify(url)}) { branch(name: "main") { commit } } }`;
      const { body } = await answer(open.graph, coreCatalogue(), { query });
      return JSON.stringify(body);
    } finally {
      await open.close();
    }
  });
}

downgrade("is asked where it is", async () => {
  leads = false;
  assert.match(await branch(), COMMIT);
});

downgrade("is not followed by git of the API", async () => {
  leads = true;
  assert.match(await branch(), REFUSED);
  assert.equal(web.asked, []);
});

downgrade("is not followed for a module", async () => {
  leads = true;
  const env = { GIT_SSL_CAINFO: certificate, SLIPWAY_STORE: join(dir, "store") };
  const { exitCode, stderr } = await runSlipway(join(dir, "work"), ["functions", "-m", `${url}@main`], {
    env,
    limitMs: 60_000,
  });
  assert.is(exitCode, 1);
  assert.match(stderr, REFUSED);
  assert.equal(web.asked, []);
});

downgrade.run();
