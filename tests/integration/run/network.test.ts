import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommandOrThrow } from "../../../engine/src/run/command.ts";
import type { NetworkLease, RunningContainer } from "../../../engine/src/run/container.ts";
import { Hub } from "../../../engine/src/run/hub.ts";
import { listProcesses, readProcess } from "../../support/processes.ts";
import { RunSandbox, readAll, waitUntil } from "../../support/run-sandbox.ts";

for (const form of ["this machine's form", "the lesser form"]) {
  const network = suite(`network, ${form}`);
  let sandbox: RunSandbox;
  const services: { container: RunningContainer; lease: NetworkLease }[] = [];

  /** A service that answers each connection by that program. */
  async function startServer(...program: readonly string[]): Promise<NetworkLease> {
    const lease = await sandbox.network.lease("service");
    const container = await sandbox.runtime.startContainer(
      sandbox.spec(["nc", "-ll", "-p", "9092", "-e", ...program], lease),
    );
    container.stdout.resume();
    container.stderr.resume();
    services.push({ container, lease });
    await waitUntil(`${program.join(" ")} listens`, () => sandbox.network.accepts(lease, 9092));
    return lease;
  }

  const startEcho = (text: string) => startServer("echo", text);

  network.before(async () => {
    if (form === "the lesser form") {
      // In our own mount namespace: what is opened there is no tun device.
      assert.is(spawnSync("mount", ["--bind", "/dev/null", "/dev/net/tun"]).status, 0);
    }
    sandbox = new RunSandbox();
  });
  network.after(async () => {
    for (const { container } of services) container.kill("SIGKILL");
    await Promise.all(services.map(({ container }) => container.exit));
    await sandbox.close();
    if (form === "the lesser form") spawnSync("umount", ["/dev/net/tun"]);
  });

  network("two services listen on the same port and are reached by their names", async () => {
    const one = await startEcho("one");
    const two = await startEcho("two");
    const client = await sandbox.network.lease("client");
    await client.setHosts(
      new Map([
        ["first", one.address],
        ["second", two.address],
      ]),
    );
    const { stdout, stderr } = await sandbox.run(["sh", "-c", "nc first 9092 </dev/null; nc second 9092 </dev/null"], {
      network: client,
    });
    assert.is(stdout, "one\ntwo\n", stderr);
  });

  network("a service reaches another one at its own address", async () => {
    const other = await startEcho("three");
    const lease = await sandbox.network.lease("service");
    const { stdout } = await sandbox.run(["nc", other.address, "9092"], {
      network: lease,
    });
    assert.is(stdout, "three\n");
  });

  network("the hub keeps its address when containers come and go: others know it, and hold connections", async () => {
    const hub = await Hub.start(sandbox.host);
    const show = ["nsenter", `--net=${hub.namespacePath}`, "ip", "link", "show", "type", "bridge"];
    const readAddress = async () =>
      /link\/ether (\S+)/.exec(await runCommandOrThrow("the bridge is not shown", show))?.[1];
    const before = await readAddress();
    assert.type(before, "string");
    const namespace = await hub.addNamespace("10.87.9.9", true);
    assert.is(await readAddress(), before);
    await hub.removeNamespace(namespace);
    assert.is(await readAddress(), before);
    await hub.close();
  });

  network("a namespace that could not be let go of does not keep the next one", async () => {
    const hub = await Hub.start(sandbox.host);
    const message = await hub.removeNamespace("/no/such/namespace").then(
      () => "it was removed",
      (error: Error) => error.message,
    );
    assert.match(message, /^networks of containers could not be removed/);
    const namespace = await hub.addNamespace("10.87.9.9", true);
    await hub.removeNamespace(namespace);
    assert.not.ok(existsSync(namespace));
    await hub.close();
  });

  network("a function has its place while the way out opens, and the way out then", async () => {
    const other = new RunSandbox();
    try {
      const place = await other.network.lease("function");
      await other.network.open();
      const { code, stdout } = await other.run(["cat", "/proc/net/route"], { network: place });
      assert.is(code, 0);
      // Its default route is the one without an address.
      assert.match(stdout, /^eth0\t00000000\t/m);
    } finally {
      await other.close();
    }
  });

  network("a container that is alone has its own name, and nothing else to reach", async () => {
    const other = new RunSandbox();
    try {
      const place = await other.network.alone();
      const files = ["/proc/net/dev", "/etc/hosts", "/etc/resolv.conf"];
      const { code, stdout } = await other.run(["cat", ...files], { network: place });
      assert.is(code, 0);
      assert.equal(
        [...stdout.matchAll(/^ *(\w+): /gm)].map(([, name]) => name),
        ["lo"],
      );
      assert.match(stdout, /^127\.0\.1\.1 dagger$/m);
      assert.match(stdout, /^nameserver /m);
      assert.equal(
        [place.hostsPath, place.resolvPath].filter((path) => existsSync(path)),
        [],
      );
    } finally {
      await other.close();
    }
  });

  network("a port where nothing listens does not accept", async () => {
    const lease = await sandbox.network.lease("service");
    assert.is(await sandbox.network.accepts(lease, 9092), false);
    await lease.release();
  });

  network("names change while the container runs, and its own name stays", async () => {
    const client = await sandbox.network.lease("client");
    const container = await sandbox.runtime.startContainer(
      sandbox.spec(["sh", "-c", "while ! grep -q later /etc/hosts; do sleep 0.05; done; cat /etc/hosts"], client),
    );
    container.stderr.resume();
    await client.setHosts(new Map([["later", "10.1.2.3"]]));
    const text = await readAll(container.stdout);
    assert.match(text, /^127\.0\.0\.1 localhost\n/);
    assert.match(text, /^\S+ dagger$/m);
    assert.match(text, /^10\.1\.2\.3 later$/m);
    assert.is((await container.exit).code, 0);
    await client.release();
  });

  network("a port of the host leads to a service until it is closed", async () => {
    const service = await startEcho("four");
    const forward = await sandbox.network.forwardFromHost(service, 0, 9092);
    const socket = connect(forward.port, "127.0.0.1");
    assert.is(await readAll(socket), "four\n");
    await forward.close();
    const [error] = await once(connect(forward.port, "127.0.0.1"), "error");
    assert.is(error.code, "ECONNREFUSED");
  });

  network("a service of the host is reached where it was asked for, and nowhere else", async () => {
    const server = createServer((socket) => socket.end("the host\n")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { lease, close } = await sandbox.network.forwardToHost("127.0.0.1", [{ frontend: 7000, backend: port }]);
    const client = await sandbox.network.lease("client");
    assert.is((await sandbox.run(["nc", lease.address, "7000"], { network: client })).stdout, "the host\n");
    for (const place of ["127.0.0.1", "10.87.0.1"])
      assert.is((await sandbox.run(["nc", place, String(port)])).stdout, "");
    await close();
    server.close();
  });

  network("a service of the host gives back what it has taken, also when one of its ports is taken", async () => {
    const to = async (...frontends: readonly number[]) =>
      await sandbox.network.forwardToHost(
        "127.0.0.1",
        frontends.map((frontend) => ({ frontend, backend: 9 })),
      );
    const first = await to(7001, 7002);
    const inHub = async (...words: readonly string[]) =>
      await runCommandOrThrow("the hub is not shown", ["nsenter", `--net=${first.lease.namespacePath}`, ...words]);
    const taken = async () => ({
      addresses: (await inHub("ip", "-o", "-4", "addr", "show", "dev", "slipway0")).match(/10\.87\.\d+\.\d+(?=\/)/g),
      ports: (await inHub("ss", "-Hltn")).match(/(?<=:)700\d(?= )/g)?.sort(),
    });
    const before = await taken();
    assert.equal(before, { addresses: ["10.87.0.1", first.lease.address], ports: ["7001", "7002"] });
    const refused = await to(7003, 7004, 7003).then(
      () => "taken twice",
      (error: Error) => error.message,
    );
    assert.match(refused, /EADDRINUSE/);
    assert.equal(await taken(), before);
    await first.close();
    assert.equal(await taken(), { addresses: ["10.87.0.1"], ports: undefined });
  });

  network("a port of the host is closed also while a client is connected", async () => {
    const forward = await sandbox.network.forwardFromHost(await startServer("cat"), 0, 9092);
    const socket = connect(forward.port, "127.0.0.1");
    socket.on("error", () => undefined).write("back\n");
    const [answer] = await once(socket, "data");
    assert.is(String(answer), "back\n");
    const closed = forward.close().then(() => "closed");
    assert.is(await Promise.race([closed, delay(10_000, "still open", { ref: false })]), "closed");
    socket.destroy();
  });

  network("who is told to listen when the relay was killed says so, and does not wait for ever", async () => {
    const own = new RunSandbox();
    try {
      await (await own.network.forwardToHost("127.0.0.1", [{ frontend: 7001, backend: 9 }])).close();
      const agent = listProcesses().find((pid) => {
        const isAgent = /^(?!nsenter).*relay-agent/.test(readProcess(pid, "cmdline"));
        return isAgent && readlinkSync(`/proc/${pid}/cwd`) === own.host.dir;
      });
      if (agent === undefined) throw new Error("no relay runs");
      process.kill(Number(agent), "SIGKILL");
      await waitUntil("it has ended", async () => !existsSync(`/proc/${agent}`));
      const asked = own.network.forwardToHost("127.0.0.1", [{ frontend: 7001, backend: 9 }]).then(
        () => "it listens",
        (error: Error) => error.message,
      );
      const told = await Promise.race([asked, delay(10_000, "no answer", { ref: false })]);
      assert.match(told, /^the relay into the session's network (was ended by SIGKILL|ended with exit code 137): /);
    } finally {
      await own.close();
    }
  });

  network("containers that have ended leave nothing behind in the session", async () => {
    const kept = (): readonly string[] => readdirSync(sandbox.host.dir).filter((name) => !/^(pipe|n)\d+$/.test(name));
    const runs = async (times: number): Promise<readonly [readonly string[], number]> => {
      for (let run = 0; run < times; run++) assert.is((await sandbox.run(["true"])).code, 0);
      return [kept(), readdirSync("/proc/self/fd").length];
    };
    const [before, openBefore] = await runs(2);
    const [after, openAfter] = await runs(12);
    // Pipes and networks are made some at a time, before they are needed: a few more or less are none that was left.
    assert.ok(
      after.length <= before.length + 3,
      `${after.join(" ")} after 12 containers more, before ${before.join(" ")}`,
    );
    assert.ok(openAfter <= openBefore + 3, `${openAfter} open files after 12 containers more, before ${openBefore}`);
  });

  network("names that change after a container's end write no file anew", async () => {
    const lease = await sandbox.network.lease("client");
    await sandbox.run(["true"], { network: lease });
    await lease.setHosts(new Map([["late", "10.0.0.1"]]));
    assert.is(existsSync(lease.hostsPath), false);
  });

  network("the lesser form says so in one line", () => {
    if (form === "the lesser form")
      assert.match(sandbox.limitation ?? "", /^containers reach the outside by TCP only, because .*$/);
    else if (sandbox.limitation !== undefined)
      console.log(`NOT TESTED: the full form of the network, because ${sandbox.limitation}`);
  });

  network.run();
}
