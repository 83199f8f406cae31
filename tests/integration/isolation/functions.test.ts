import { lookup } from "node:dns/promises";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inUserNamespace } from "../../../engine/src/store/overlay.ts";
import { type TestCommand, withModule, writeModule } from "../../support/served-module.ts";

const functions = suite("what a function makes this machine do");

const dir = mkdtempSync(join(tmpdir(), "slipway-functions-"));
const storeDir = join(dir, "store");
const moduleDir = join(dir, "probe");
const touched = join(dir, "ssh-was-started");

const SOURCE = `
import { Container, dag, Directory, File, func, object } from "@dagger.io/dagger";

@object()
export class Probe {
  @func({ cache: "never" }) branches(url: string): Promise<string[]> { return dag.git(url).branches(); }
  @func({ cache: "never" }) tree(url: string): Directory { return dag.git(url).commit("${"a".repeat(40)}").tree(); }
  @func({ cache: "never" }) contents(url: string): Promise<string> { return dag.http(url).contents(); }
  @func({ cache: "never" }) file(url: string): File { return dag.http(url); }
  @func({ cache: "never" }) async fetched(url: string): Promise<string> {
    try { return await (await fetch(url)).text(); } catch { return "not reached"; }
  }
  @func({ cache: "never" }) owned(): Promise<string> {
    return dag.container().withExec(["true"], { insecureRootCapabilities: true }).stdout();
  }
  @func({ cache: "never" }) owner(): Directory {
    return dag.container().withExec(["true"], { insecureRootCapabilities: true }).rootfs();
  }
  @func({ cache: "never" }) async opened(): Promise<string> {
    await dag.container().terminal({ insecureRootCapabilities: true }).sync();
    return "opened";
  }
  @func({ cache: "never" }) async openedFolder(): Promise<string> {
    await dag.directory().terminal({ insecureRootCapabilities: true }).sync();
    return "opened";
  }
  @func({ cache: "never" }) opening(): Container {
    return dag.container().withDefaultTerminalCmd(["sh"], { insecureRootCapabilities: true });
  }
}
`;

let server: Server;
let asked: string[] = [];
let port = 0;

functions.before(async () => {
  writeModule(moduleDir, "probe", SOURCE);
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("only for this machine");
  });
  await new Promise<void>((done) => server.listen(0, "0.0.0.0", done));
  port = (server.address() as AddressInfo).port;
  // Whoever lets git start ssh, starts this.
  process.env["GIT_SSH_COMMAND"] = `touch ${touched}; false`;
});
functions.before.each(() => {
  asked = [];
});
functions.after(() => {
  delete process.env["GIT_SSH_COMMAND"];
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

function inCommand<T>(use: (command: TestCommand) => Promise<T>): Promise<T> {
  const env = { SSH_AUTH_SOCK: join(dir, "agent"), HOME: dir };
  return withModule({ storeDir, moduleDir, env }, use);
}

async function refusalOf(calling: Promise<unknown>): Promise<string> {
  return calling.then(
    (value) => `answered: ${JSON.stringify(value)}`,
    (error: Error) => error.message,
  );
}

functions("ssh is not started for a function, though the person has an agent", () =>
  inCommand(async ({ call }) => {
    for (const url of ["git@host.example:a/b", "ssh://git@host.example/a/b", "ssh://host.example:2222/a"])
      for (const field of ["branches", "tree"])
        assert.is(
          await refusalOf(call([field, { url }])),
          "git authentication failed: SSH URLs are not supported without an SSH socket",
          `${field} ${url}`,
        );
    assert.not.ok(existsSync(touched));
  }),
);

functions("nothing of this machine answers a function, by http, by git or by a connection of its own", () =>
  inCommand(async ({ call }) => {
    for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"]) {
      const url = `http://${host}:${port}/x`;
      for (const field of ["contents", "file", "branches", "tree"])
        assert.not.match(await refusalOf(call([field, { url }])), /^answered/, `${field} ${url}`);
      assert.is(await call(["fetched", { url }]), "not reached", url);
    }
    assert.equal(asked, []);
  }),
);

functions("what is outside answers a function", () =>
  inCommand(async ({ call }) => {
    const name = "deb.debian.org";
    const isReached = await lookup(name).then(
      () => true,
      () => false,
    );
    if (!isReached) return console.log(`NOT TESTED: this machine does not reach ${name}`);
    assert.match(String(await call(["contents", { url: `http://${name}/debian/dists/bookworm/Release` }])), /Debian/);
    // No repository is there; the server says so, which it could not if it were not asked.
    assert.match(await refusalOf(call(["branches", { url: `http://${name}/debian` }])), /^git error: .*not found/s);
    return undefined;
  }),
);

functions("the person at this machine is answered by its servers", () =>
  inCommand(async ({ query }) => {
    const { data } = await query(`{ http(url: "http://127.0.0.1:${port}/x") { contents } }`);
    assert.equal(data, { http: { contents: "only for this machine" } });
    assert.equal(asked, ["/x"]);
  }),
);

functions("a function does not get all capabilities of root, nor does what it returns", () =>
  inCommand(async ({ call }) => {
    if (inUserNamespace) return console.log("NOT NEEDED: root of a user namespace does not own this machine");
    for (const field of ["owned", "owner", "opened", "openedFolder", "opening"])
      assert.is(await refusalOf(call([field, {}])), "security.insecure is not allowed", field);
    return undefined;
  }),
);

functions.run();
