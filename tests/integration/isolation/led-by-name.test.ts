import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Images } from "../../../engine/src/image/images.ts";
import { runGitOnward } from "../../../engine/src/store/git-redirects.ts";
import { type NameServer, startNameServer } from "../../support/name-server.ts";

/** Names that a nameserver of somebody else answers with what only this machine reaches. */
const ofNames = suite("a name on the web that means this machine");

/** An address of nobody (RFC 5737), which a proxy of git's answers. */
const FIRST = "http://203.0.113.7/a.git";
const SUBMODULES = fileURLToPath(new URL("../../../engine/src/module/git-module-submodules.ts", import.meta.url));
const NAMESERVER = "127.0.0.85";
const dir = mkdtempSync(join(tmpdir(), "slipway-led-by-name-"));
let names: NameServer;
let proxy: Server;
let leadsTo = "";
/** Only root may serve names on the machine's own loopback. */
let isServed = false;

function named(title: string, handler: () => Promise<void>): void {
  ofNames(title, async () => (isServed ? await handler() : console.log("NOT TESTED: only root may listen at port 53")));
}

ofNames.before(async () => {
  const started = await startNameServer(
    NAMESERVER,
    new Map([
      ["metadata.example", "169.254.169.254"],
      ["here.example", "127.0.0.1"],
    ]),
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EACCES") throw error;
    return undefined;
  });
  if (started === undefined) return;
  names = started;
  isServed = true;
  writeFileSync(join(dir, "resolv.conf"), `nameserver ${NAMESERVER}\n`);
  assert.is(spawnSync("mount", ["--bind", join(dir, "resolv.conf"), "/etc/resolv.conf"]).status, 0);
  proxy = createServer((_request, response) => void response.writeHead(301, { location: leadsTo }).end());
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
});
ofNames.after(() => {
  if (isServed) {
    spawnSync("umount", ["/etc/resolv.conf"]);
    names.close();
    proxy.close();
  }
  rmSync(dir, { recursive: true, force: true });
});

/** What becomes of git where the first server leads to another one. */
async function leadOn(to: string): Promise<string> {
  leadsTo = `${to}/info/refs?service=git-upload-pack`;
  const env = { GIT_ALLOW_PROTOCOL: "http", http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  return await runGitOnward(dir, FIRST, ["ls-remote", "--", FIRST], { env }).then(
    ({ stderr }) => stderr,
    (error: Error) => error.message,
  );
}

named("is found by asking, while this process goes on with other work", async () => {
  assert.is(
    await leadOn("http://metadata.example/b.git"),
    `git error: ${FIRST} leads to http://metadata.example/b.git (169.254.169.254), an address that only this machine reaches: it was not asked\n  to do: give that address itself if you want it`,
  );
  assert.ok(names.asked.includes("metadata.example"));
});

named("and one without an address is not left to git, to which another answer could be given", async () => {
  assert.is(
    await leadOn("http://nobody.example/b.git"),
    `git error: ${FIRST} leads to http://nobody.example/b.git, a name without an address\n  to do: look at the nameserver of this machine (/etc/resolv.conf), or give an address that leads elsewhere`,
  );
});

named("is no place for a submodule of a module's repository, whose address has to mean something too", async () => {
  for (const [name, problem] of [
    ["metadata.example", "(169.254.169.254), an address that only this machine reaches"],
    ["nobody.example", "a name without an address"],
  ] as const) {
    const tree = mkdtempSync(join(dir, "tree-"));
    const git = (...args: string[]) => assert.is(spawnSync("git", args, { cwd: tree }).status, 0, args.join(" "));
    git("init", "-q", ".");
    git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},lib`);
    writeFileSync(join(tree, ".gitmodules"), `[submodule "lib"]\n\tpath = lib\n\turl = http://${name}/b.git\n`);
    const said = await inOtherProcess(tree, "http://203.0.113.7/top.git");
    assert.match(said, /submodule "lib": git error: .* leads to /);
    assert.ok(said.includes(problem), said);
  }
});

/** Brings submodules, which waits for the nameserver in this process, and tells the error. */
async function inOtherProcess(tree: string, origin: string): Promise<string> {
  const code = `import { bringSubmodules } from ${JSON.stringify(SUBMODULES)}; bringSubmodules(${JSON.stringify(tree)}, ${JSON.stringify(origin)});`;
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/_proxy$/i.test(key)));
  const args = ["--import", "tsx", "--input-type=module", "-e", code];
  return await promisify(execFile)(process.execPath, args, { env }).then(
    () => "no error",
    (error: Error) => error.message,
  );
}

named("does not make a registry one of this machine, which is spoken to without TLS (CVE-2026-92543)", async () => {
  const requests: string[] = [];
  const registry = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.end();
  });
  await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
  const host = `here.example:${(registry.address() as AddressInfo).port}`;
  const images = new Images({ storeDir: join(dir, "images"), from: "registry", patience: { limitMs: 0 } });
  const said = await images.get(`${host}/team/x:1`, "linux/amd64", []).then(
    () => "pulled",
    (error: Error) => error.message,
  );
  registry.close();
  assert.match(said, `https://${host}/v2/team/x/manifests/1`);
  assert.match(said, /http: server gave HTTP response to HTTPS client/);
  assert.equal(requests, []);
});

ofNames.run();
