import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findGroupsProblem } from "../../../engine/src/run/control-groups.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { withModule, writeModule } from "../../support/served-module.ts";
import { whyNot } from "../module/probe.ts";

/** Everything that runs in a container of its own and may take all memory. */
const GREEDY = `
import { Container, dag, Directory, func, object } from "@dagger.io/dagger";

const FULL = ["awk", 'BEGIN { s = "x"; while (1) s = s s }'];

@object()
export class Greedy {
  private box(root: Directory): Container { return dag.container().withRootfs(root); }
  @func() async exec(root: Directory): Promise<string> { return await this.box(root).withExec(FULL).stdout(); }
  /** The one that is ended is not the command itself. */
  @func() async child(root: Directory): Promise<string> {
    return await this.box(root).withExec(["sh", "-c", 'awk "BEGIN { s = 1; while (1) s = s s }"; exit 3']).stdout();
  }
  @func() async survived(root: Directory): Promise<string> {
    return await this.box(root).withExec(["sh", "-c", 'awk "BEGIN { s = 1; while (1) s = s s }"; echo and on']).stdout();
  }
  @func() async service(root: Directory): Promise<string> {
    const service = this.box(root).withExposedPort(80).asService({ args: FULL });
    return await this.box(root).withServiceBinding("greedy", service).withExec(["true"]).stdout();
  }
  @func() own(): string {
    const all: Buffer[] = [];
    for (;;) all.push(Buffer.alloc(1 << 24, 1));
  }
}
`;

const MEMORY =
  "cannot allocate memory (the containers used up what SLIPWAY_MEMORY allows, by default nine tenths of this machine's memory)";

const memory = suite("whatever takes all memory");
const problem = whyNot() ?? findGroupsProblem();
const dir = mkdtempSync(join(tmpdir(), "slipway-memory-"));
const root = join(dir, "root");

memory.before(() => {
  if (problem !== undefined) return;
  writeModule(join(dir, "greedy"), "greedy", GREEDY);
  makeBusyboxRoot(root, ["sh", "awk", "true", "echo"]);
  writeFileSync(join(root, ".keep"), "");
});
memory.after(() => rmSync(dir, { recursive: true, force: true }));

/** What the function of the module says in the end, as its result or as its error. */
async function outcomeOf(name: string): Promise<string> {
  const options = { storeDir: join(dir, "store"), moduleDir: join(dir, "greedy"), env: { SLIPWAY_MEMORY: "300m" } };
  return await withModule(options, async (command) => {
    const answer = command.call([name, name === "own" ? {} : { root: command.directory(root) }]);
    return await answer.then(String, (error: Error) => error.message);
  });
}

for (const [name, said] of [
  ["exec", `exit code: 137: ${MEMORY}`],
  ["child", `exit code: 3: ${MEMORY}`],
  ["survived", "and on\n"],
  ["own", `call function "own": exit code: 137: ${MEMORY}`],
] as const) {
  memory(`is ended and told as that: ${name}`, async () => {
    if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
    assert.is(await outcomeOf(name), said);
    return undefined;
  });
}

memory("is ended and told as that: service", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const said = await outcomeOf("service");
  assert.match(said, /^start \S+ \(aliased as greedy\): exit code: 137: cannot allocate memory \(/);
  return undefined;
});

memory.run();
