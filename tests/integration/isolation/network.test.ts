import { spawnSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RunSandbox, readAll } from "../../support/run-sandbox.ts";

const SECRET = "only for this machine\n";

for (const form of ["packets", "connections"]) {
  const network = suite(`the host's network from a container, where ${form} are carried`);
  let sandbox: RunSandbox;
  let isThere = true;
  const servers: Server[] = [];

  network.before(async () => {
    // In our own mount namespace: what is opened there is no tun device.
    if (form === "connections" && existsSync("/dev/net/tun"))
      assert.is(spawnSync("mount", ["--bind", "/dev/null", "/dev/net/tun"]).status, 0);
    sandbox = new RunSandbox();
    await (await sandbox.network.lease("client")).release();
    isThere = form === "connections" || sandbox.limitation === undefined;
    if (!isThere) console.log(`NOT TESTED: ${sandbox.limitation}`);
  });
  network.after(async () => {
    for (const server of servers) server.close();
    await sandbox.close();
    if (form === "connections" && existsSync("/dev/net/tun")) spawnSync("umount", ["/dev/net/tun"]);
  });

  async function serve(address: string | undefined, path?: string): Promise<number> {
    const server = createServer((socket) => socket.end(SECRET));
    servers.push(server);
    if (path !== undefined) server.listen(path);
    else server.listen(0, address);
    await once(server, "listening");
    return path === undefined ? (server.address() as AddressInfo).port : 0;
  }

  network("no address of this machine answers, whoever listens there", async () => {
    if (!isThere) return;
    const everywhere = await serve("0.0.0.0");
    const loopback = await serve("127.0.0.1");
    const aside = await serve("127.0.0.53");
    const own = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal)
      .map(({ address }) => address);
    const asked = [
      ...["127.0.0.1", "127.1", "0.0.0.0", "2130706433", "localhost", "10.87.0.1", ...own].map(
        (host) => [host, everywhere] as const,
      ),
      ["127.0.0.1", loopback] as const,
      ["127.0.0.53", aside] as const,
    ];
    for (const [host, port] of asked) {
      assert.is(await readAll(connect(port, host === "127.0.0.53" ? host : "127.0.0.1")), SECRET);
      const { stdout } = await sandbox.run(["nc", "-w", "3", host, String(port)]);
      assert.is(stdout, "", `${host}:${port}`);
    }
  });

  network("what is outside answers by its name and by its address", async () => {
    if (!isThere) return;
    const name = "deb.debian.org";
    const address = await lookup(name, { family: 4 }).catch(() => undefined);
    if (address === undefined) return console.log(`NOT TESTED: this machine does not reach ${name}`);
    const request = `(printf 'GET /debian/ HTTP/1.0\\r\\nHost: ${name}\\r\\n\\r\\n'; sleep 1) | nc -w 10 ${address.address} 80 | head -c 6`;
    assert.is((await sandbox.run(["sh", "-c", request])).stdout, "HTTP/1");
    const { stdout, stderr } = await sandbox.run(["nslookup", name]);
    assert.match(stdout, new RegExp(`Address(?: 1)?: ${address.address}`), stderr);
    return undefined;
  });

  network("an abstract socket of this machine is not there", async () => {
    if (!isThere) return;
    await serve(undefined, "\0slipway-isolation");
    const { stdout } = await sandbox.run(["sh", "-c", "grep slipway-isolation /proc/net/unix; echo looked"]);
    assert.is(stdout, "looked\n");
  });

  network("link-local addresses, such as the metadata of a cloud, are not asked", async () => {
    if (!isThere) return;
    const { stdout, stderr } = await sandbox.run(["nc", "-v", "-w", "3", "169.254.169.254", "80"]);
    assert.is(stdout, "", stderr);
    assert.is((await sandbox.run(["nc", "-w", "3", "169.254.87.1", "80"])).stdout, "");
  });

  network.run();
}
