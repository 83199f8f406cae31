import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultCapabilities } from "../../../../engine/src/run/capabilities.ts";
import { alwaysAllowed, refused } from "../../../../engine/src/run/known-calls.ts";
import { type SystemCallFilter, systemCallFilter } from "../../../../engine/src/run/system-calls.ts";

const filters = suite("systemCallFilter");

const filterFor = (more: Partial<Parameters<typeof systemCallFilter>[0]> = {}) =>
  systemCallFilter({ capabilities: defaultCapabilities, processor: "x64", hasDeviceRules: false, ...more });
const namesOf = (filter: SystemCallFilter, action: string) =>
  filter.syscalls.filter((rule) => rule.action === action && rule.args === undefined).flatMap((rule) => rule.names);

filters("a call is allowed or refused, never both", () => {
  assert.equal(
    alwaysAllowed.filter((name) => refused.includes(name)),
    [],
  );
  const filter = filterFor();
  const allowed = namesOf(filter, "SCMP_ACT_ALLOW");
  assert.is(new Set(allowed).size, allowed.length);
  assert.equal(
    allowed.filter((name) => namesOf(filter, "SCMP_ACT_ERRNO").includes(name)),
    [],
  );
});

filters("what has a rule about its arguments is not allowed whatever they are", () => {
  const filter = filterFor();
  const judged = new Set(filter.syscalls.filter((rule) => rule.args !== undefined).flatMap((rule) => rule.names));
  assert.equal([...judged].sort(), ["clone", "mknod", "mknodat", "personality", "socket"]);
  assert.equal(
    namesOf(filter, "SCMP_ACT_ALLOW").filter((name) => judged.has(name)),
    [],
  );
});

filters("a capability allows its calls, and one that is not held does not", () => {
  assert.ok(namesOf(filterFor(), "SCMP_ACT_ALLOW").includes("chroot"));
  assert.not.ok(namesOf(filterFor({ capabilities: [] }), "SCMP_ACT_ALLOW").includes("chroot"));
  assert.ok(namesOf(filterFor({ capabilities: [] }), "SCMP_ACT_ERRNO").includes("chroot"));
  const administrator = filterFor({ capabilities: ["CAP_SYS_ADMIN"] });
  for (const name of ["mount", "clone", "clone3", "unshare"])
    assert.ok(namesOf(administrator, "SCMP_ACT_ALLOW").includes(name), name);
});

filters("with device rules in force a device file may be made, as with Docker", () => {
  assert.ok(namesOf(filterFor({ hasDeviceRules: true }), "SCMP_ACT_ALLOW").includes("mknod"));
});

filters("the older forms of program of a processor are judged too", () => {
  assert.equal(filterFor().architectures, ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]);
  assert.equal(filterFor({ processor: "arm64" }).architectures, ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]);
  assert.throws(
    () => filterFor({ processor: "ia32" }),
    /the system calls of ia32 processors are not known, so nothing can be run safely here$/,
  );
});

filters.run();
