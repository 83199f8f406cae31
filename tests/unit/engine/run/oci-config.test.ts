import { suite } from "uvu";
import * as assert from "uvu/assert";
import { capabilityNames, defaultCapabilities } from "../../../../engine/src/run/capabilities.ts";
import type { ContainerSpec } from "../../../../engine/src/run/container.ts";
import { type HostParts, hardLimitsOf, type OciMount, ociConfig } from "../../../../engine/src/run/oci-config.ts";

const config = suite("ociConfig");

const network: ContainerSpec["network"] = {
  namespacePath: "/run/n1",
  hostsPath: "/run/hosts1",
  resolvPath: "/run/resolv1",
  setOwnName: async () => undefined,
  release: async () => undefined,
};
const spec: ContainerSpec = {
  rootDir: "/r",
  args: ["echo", "it"],
  env: { A: "1", B: "x=y" },
  cwd: "/w",
  user: { uid: 0, gid: 0, groups: [] },
  hostname: "dagger",
  mounts: [],
  network,
  insecureRootCapabilities: false,
  noInit: false,
};
const host: HostParts = {
  initPath: "/usr/bin/tini-static",
  certificates: undefined,
  places: new Map(),
  ownCapabilities: ["CAP_CHOWN", "CAP_SYS_ADMIN"],
  hasDeviceRules: false,
  processes: 100,
  openFiles: 1000,
  hardLimits: { core: Number.POSITIVE_INFINITY, processes: 50, openFiles: 4096 },
  isUserNamespace: false,
  busyboxPath: undefined,
};

interface Config {
  process: {
    terminal: boolean;
    consoleSize?: unknown;
    args: string[];
    env: string[];
    capabilities: Record<string, string[]>;
    rlimits: unknown[];
  };
  mounts: OciMount[];
  linux: { namespaces: unknown[]; maskedPaths?: string[]; seccomp?: unknown };
}
const make = (more: Partial<ContainerSpec> = {}, parts: Partial<HostParts> = {}) =>
  ociConfig({ ...spec, ...more }, { ...host, ...parts }) as unknown as Config;
const mountAt = (made: Config, destination: string) => made.mounts.find((mount) => mount.destination === destination);

config("the command runs below the init, or alone", () => {
  assert.equal(make().process.args, ["/.init", "--", "echo", "it"]);
  assert.equal(mountAt(make(), "/.init")?.source, "/usr/bin/tini-static");
  const alone = make({ noInit: true });
  assert.equal(alone.process.args, ["echo", "it"]);
  assert.is(mountAt(alone, "/.init"), undefined);
});

config("only a process that is used at a terminal has one of its own, of the same size", () => {
  assert.is(make().process.terminal, false);
  const size = () => ({ columns: 91, rows: 31 });
  const terminal = { input: "/proc/1/fd/0", output: "/proc/1/fd/1", size, onResize: () => () => undefined };
  const { process } = make({ terminal });
  assert.equal([process.terminal, process.consoleSize], [true, { width: 91, height: 31 }]);
});

config("the environment is exactly what was given", () => {
  assert.equal(make().process.env, ["A=1", "B=x=y"]);
});

config("root has Docker's capabilities, another user only may gain them", () => {
  assert.equal(make().process.capabilities["effective"], defaultCapabilities);
  const user = make({ user: { uid: 1, gid: 1, groups: [] } }).process.capabilities;
  assert.equal(user["effective"], []);
  assert.equal(user["bounding"], defaultCapabilities);
});

config("insecureRootCapabilities gives what the engine has and takes masks and filter away", () => {
  const made = make({ insecureRootCapabilities: true });
  assert.equal(made.process.capabilities["effective"], ["CAP_CHOWN", "CAP_SYS_ADMIN"]);
  assert.is(made.linux.maskedPaths, undefined);
  assert.is(made.linux.seccomp, undefined);
});

config("the network namespace is the lease's, and /sys shows it read-only", () => {
  assert.ok(
    make().linux.namespaces.some((namespace) => JSON.stringify(namespace) === '{"type":"network","path":"/run/n1"}'),
  );
  assert.is(mountAt(make(), "/sys")?.type, "sysfs");
  assert.ok(mountAt(make(), "/sys")?.options.includes("ro"));
});

config("a container without a namespace of the session's network gets one of its own", () => {
  const alone = make({ network: { ...network, namespacePath: undefined } });
  assert.equal(
    alone.linux.namespaces.filter((namespace) => JSON.stringify(namespace).includes("network")),
    [{ type: "network" }],
  );
});

config("mounts keep their order, their access and their size, at the places which links lead to", () => {
  const made = make(
    {
      mounts: [
        { destination: "/link/a", kind: "bind", source: "/s", readOnly: true },
        { destination: "/t", kind: "tmpfs", sizeBytes: 5 },
      ],
    },
    { places: new Map([["/link/a", "/real/a"]]) },
  );
  assert.equal(
    made.mounts.slice(-2).map((mount) => mount.destination),
    ["/real/a", "/t"],
  );
  assert.ok(mountAt(made, "/real/a")?.options.includes("ro"));
  assert.ok(mountAt(made, "/t")?.options.includes("size=5"));
});

config("certificates of the host cover those of the container read-only", () => {
  const made = make({}, { certificates: { source: "/host.crt", destinations: ["/etc/ssl/cert.pem"] } });
  assert.is(mountAt(made, "/etc/ssl/cert.pem")?.source, "/host.crt");
  assert.ok(mountAt(made, "/etc/ssl/cert.pem")?.options.includes("ro"));
});

config("limits never go above the engine's own, which only some may", () => {
  const limits = (parts: Partial<HostParts>) => make({}, parts).process.rlimits;
  const core = (value: number) => ({ type: "RLIMIT_CORE", soft: value, hard: value });
  const files = (value: number) => ({ type: "RLIMIT_NOFILE", soft: value, hard: value });
  assert.equal(limits({}), [core(1), files(1000)]);
  assert.equal(limits({ hardLimits: { core: 0, processes: 50, openFiles: 256 } }), [core(0), files(256)]);
  assert.equal(limits({ isUserNamespace: true }), [core(1), files(1000), { type: "RLIMIT_NPROC", soft: 50, hard: 50 }]);
  const text =
    "Limit  Soft Limit  Hard Limit  Units\nMax core file size  0  unlimited  bytes\nMax processes  10  200  processes\nMax open files  1024  524288  files\n";
  assert.equal(hardLimitsOf(text), { core: Number.POSITIVE_INFINITY, processes: 200, openFiles: 524_288 });
});

config("a bind mount without source is refused", () => {
  assert.throws(() => make({ mounts: [{ destination: "/m", kind: "bind" }] }), /bind mount at \/m has no source/);
});

config("a mask of capabilities is read bit by bit", () => {
  assert.equal([...capabilityNames("00000000a80425fb")].sort(), [...defaultCapabilities].sort());
  assert.equal(capabilityNames("0"), []);
  assert.is(capabilityNames("1ffffffffff").length, 41);
});

config.run();
