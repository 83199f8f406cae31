import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { SmallDisk } from "../../support/small-disk.ts";
import { openTestSession } from "../../support/test-session.ts";

/** `http` of the API before a service of the session. */
const http = suite("a file from a service");
const dir = mkdtempSync(join(tmpdir(), "slipway-http-service-"));
let disk: SmallDisk;
let open: OpenSession;

http.before(async () => {
  mkdirSync(join(dir, "work"));
  makeBusyboxRoot(join(dir, "work/root"), ["sh", "httpd"]);
  writeFileSync(join(dir, "work/root/f"), "served");
  disk = new SmallDisk(join(dir, "disk"));
  open = await openTestSession({ workdir: join(dir, "work"), storeDir: disk.store });
});
http.after(async () => {
  await open.close();
  disk.close();
  rmSync(dir, { recursive: true, force: true });
});

async function ask(query: string): Promise<string> {
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  const { data, errors } = body as { readonly data?: unknown; readonly errors?: readonly { message: string }[] };
  return errors?.map(({ message }) => message).join("\n") ?? JSON.stringify(data);
}

http("that cannot be started is told in the words of the service, and comes when that can be", async () => {
  const root = 'directory(path: "root") { id }';
  const id = JSON.parse(await ask(`{ host { ${root} } }`)) as { host: { directory: { id: string } } };
  const made = `container { withRootfs(directory: "${id.host.directory.id}") { withExposedPort(port: 80) {`;
  const service = await ask(`{ ${made} asService(args: ["httpd", "-f", "-h", "/"]) { id } } } } }`);
  const serviceId = /"id":"([^"]+)"/.exec(service)?.[1] ?? service;
  const load = `{ http(url: "http://web/f", experimentalServiceHost: "${serviceId}") { contents } }`;
  disk.leaveFiles(3);
  const told = await ask(load);
  assert.match(told, /no space left on device/);
  assert.not.match(told, "open /f:");
  disk.makeRoom();
  assert.is(await ask(load), '{"http":{"contents":"served"}}');
});

http.run();
