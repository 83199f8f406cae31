import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RunSandbox, waitUntil } from "../../support/run-sandbox.ts";

const filters = suite("a filter of system calls");

/** What sessions remember, in place of a store. */
class Memory {
  readonly values = new Map<string, unknown>();
  written = 0;

  recall<T>(name: string): T | undefined {
    return this.values.get(name) as T | undefined;
  }

  remember(name: string, value: unknown): void {
    this.written += 1;
    this.values.set(name, value);
  }
}

/** Runs something in sessions with the same memory, one after the other. */
async function inSessions(memory: Memory, count: number, script: string): Promise<readonly string[]> {
  const said: string[] = [];
  for (let session = 0; session < count; session++) {
    const sandbox = new RunSandbox({}, memory);
    try {
      const { stdout, stderr, code } = await sandbox.run(["sh", "-c", script]);
      said.push(`${code} ${stdout}${stderr}`);
      await waitUntil("the filter is remembered", async () => memory.values.size > 0);
    } finally {
      await sandbox.close();
    }
  }
  return said;
}

/** Shows that there is a filter, and one call that it refuses. */
const SHOW = "grep -w Seccomp /proc/self/status; unshare -U true 2>&1 | grep -c 'not permitted'";

filters("is made by crun once, and is the same for the containers of all later sessions", async () => {
  const memory = new Memory();
  const [first, ...later] = await inSessions(memory, 3, SHOW);
  assert.is(first, "0 Seccomp:\t2\n1\n");
  assert.equal(later, [first, first]);
  assert.is(memory.written, 1);
  const [kept] = memory.values.values() as Iterable<{ readonly filter: string }>;
  // Instructions of eight bytes each, as the kernel takes them.
  const bytes = Buffer.from(String(kept?.filter), "base64");
  assert.ok(bytes.length > 800 && bytes.length % 8 === 0, `${bytes.length} bytes`);
});

filters("that is damaged starts no container without one", async () => {
  const memory = new Memory();
  await inSessions(memory, 1, "true");
  for (const name of memory.values.keys())
    memory.values.set(name, { name, filter: Buffer.from("nonsense").toString("base64") });
  const sandbox = new RunSandbox({}, memory);
  try {
    const outcome = await sandbox.run(["sh", "-c", SHOW]).catch((error: Error) => error);
    assert.ok(outcome instanceof Error, `it ran: ${JSON.stringify(outcome)}`);
  } finally {
    await sandbox.close();
  }
});

/** Lets every call pass: the one instruction `return SECCOMP_RET_ALLOW`. */
const ALLOWS_ALL = Buffer.from([0x06, 0, 0, 0, 0, 0, 0xff, 0x7f]).toString("base64");

for (const [what, foreign] of [
  ["under another name", { name: "another", filter: ALLOWS_ALL }],
  ["without a name", ALLOWS_ALL],
  ["that is null", null],
] as const) {
  filters(`${what} does not count, and is made again`, async () => {
    const memory = new Memory();
    const [first] = await inSessions(memory, 1, SHOW);
    for (const name of memory.values.keys()) memory.values.set(name, foreign);
    const sandbox = new RunSandbox({}, memory);
    try {
      const { stdout, code } = await sandbox.run(["sh", "-c", SHOW]);
      assert.is(`${code} ${stdout}`, first);
      await waitUntil("the filter is made again", async () => memory.written === 2);
    } finally {
      await sandbox.close();
    }
  });
}

filters.run();
