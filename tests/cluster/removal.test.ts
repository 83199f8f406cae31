import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listProcesses, readProcess } from "../support/processes.ts";
import { readCommand } from "./command.ts";
import { waitUntil } from "./wait.ts";

const removal = suite("the end of a cluster");

/** Starts hold.ts in a process group of its own, as a shell does. Resolves with the cluster's folder when it is ready. */
async function hold(): Promise<{ child: ChildProcess; folder: string }> {
  const script = fileURLToPath(new URL("hold.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, "node"], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const folder = /^ready (\S+)$/.exec(line)?.[1];
    if (folder !== undefined) return { child, folder };
  }
  throw new Error(`hold.ts ended with ${child.exitCode} before its cluster was ready`);
}

/** Everything on the host that has the cluster's name in it, one line each. */
async function findTraces(folder: string): Promise<string[]> {
  const name = folder.split("/").at(-1) ?? folder;
  const processes = listProcesses()
    .filter((pid) => Number(pid) !== process.pid)
    .flatMap((pid) => {
      const place = ["cmdline", "mountinfo", "cgroup"].find((file) => readProcess(pid, file).includes(name));
      return place === undefined ? [] : [`process ${pid} (${place}) ${readProcess(pid, "cmdline").slice(0, 80)}`];
    });
  const groups = await readCommand(["find", "/sys/fs/cgroup", "-name", `*${name}*`]);
  return [...processes, ...groups.split("\n").filter(Boolean), ...(existsSync(folder) ? [folder] : [])];
}

const hostFirewall = async () => (await readCommand(["iptables-save"])).replace(/^#.*$|\[\d+:\d+\]/gm, "");
const written = ["/var/lib/kubelet", "/var/lib/cni", "/var/log/pods", "/var/log/containers", "/run/containerd"];

const ends: Record<string, (child: ChildProcess) => void> = {
  "kill -9": ({ pid }) => process.kill(pid ?? 0, "SIGKILL"),
  "Ctrl-C": ({ pid }) => process.kill(-(pid ?? 0), "SIGINT"),
};

for (const [what, end] of Object.entries(ends)) {
  removal(`by ${what} leaves no process, mount, control group, file or firewall rule`, async () => {
    const before = { firewall: await hostFirewall(), written: written.filter((path) => existsSync(path)) };
    const { child, folder } = await hold();
    assert.ok((await findTraces(folder)).length > 5, "the cluster should be seen before its end");
    assert.is(await hostFirewall(), before.firewall, "a running cluster should not change the host's firewall");
    const ended = once(child, "exit");
    end(child);
    await ended;
    await waitUntil("nothing of the cluster is left", 15_000, async () => {
      const traces = await findTraces(folder);
      return traces.length === 0 ? undefined : traces.join("\n");
    });
    assert.equal({ firewall: await hostFirewall(), written: written.filter((path) => existsSync(path)) }, before);
  });
}

removal.run();
