import { statfsSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lookAtMachine, type Machine, tellMachine } from "../../../../engine/src/cli/machine.ts";

const good: Machine = {
  node: "24.1.0",
  isRoot: true,
  offline: false,
  tunProblem: undefined,
  groupsProblem: undefined,
  bounds: { memoryBytes: 7.2 * 2 ** 30, processes: 8192, openFiles: 1024 },
  store: "/s",
  free: 5.5 * 2 ** 30,
};

const machine = suite("what doctor says of the machine");

machine("tells Node, the user, the network and the store", () => {
  assert.equal(tellMachine(good), {
    isMissing: false,
    report: `This machine
  Node     24.1.0
  user     root
  network  containers reach the outside
  bounds   containers may use 7.2 GiB of memory together, each 8192 processes
  store    /s, 5 GiB free

`,
  });
});

machine("tells a run that asks nothing of the network", () => {
  const { report } = tellMachine({ ...good, offline: true });
  assert.is(report.split("\n")[3], "  network  not used (--offline, SLIPWAY_OFFLINE)");
  assert.is(lookAtMachine({ SLIPWAY_OFFLINE: "1" }).offline, true);
  assert.is(lookAtMachine({}).offline, false);
});

machine("tells the lesser network of an ordinary user, and that there is no room for an image", () => {
  const tunProblem = "/dev/net/tun cannot be opened (EACCES)";
  assert.equal(tellMachine({ ...good, isRoot: false, tunProblem, groupsProblem: "no groups", free: 300 * 2 ** 20 }), {
    isMissing: true,
    report: `This machine
  Node     24.1.0
  user     ordinary, in a user namespace
  network  containers reach the outside by TCP only: /dev/net/tun cannot be opened (EACCES)
  bounds   container memory is not limited, all of the user's processes are 8192 at most: no groups
  store    /s, 300 MiB free
Missing: space for the store
  to do: free some space there, or set SLIPWAY_STORE to a folder on another disk

`,
  });
});

machine("is looked at where the store will be, also before there is one", () => {
  const seen = lookAtMachine({ SLIPWAY_STORE: "/proc/none/of/these" });
  assert.is(seen.store, "/proc/none/of/these");
  assert.is(seen.free, statfsSync("/proc").bavail * statfsSync("/proc").bsize);
  assert.is(seen.node, process.versions.node);
});

machine.run();
