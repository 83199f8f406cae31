import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeModule } from "../../support/served-module.ts";
import { TypedTerminal } from "../../support/typed-terminal.ts";

const READY = "ready>";

const MODULE = `
import { Changeset, check, dag, Directory, func, generate, object } from "@dagger.io/dagger";

@object()
export class Giver {
  @func({ cache: "never" })
  folder(): Directory {
    return dag.directory().withNewFile("greeting", "hello");
  }

  @func({ cache: "never" })
  folders(): Directory[] {
    return [this.folder()];
  }

  /** It passes. */
  @func()
  @check()
  lint(): void {}

  /** It makes nothing. */
  @func()
  @generate()
  code(): Changeset {
    return dag.directory().changes(dag.directory());
  }
}
`;

const results = suite("the result of a command on a terminal, below its progress");
const folder = mkdtempSync(join(tmpdir(), "slipway-result-"));
let typed: TypedTerminal;

results.before(async () => {
  writeModule(join(folder, "module"), "giver", MODULE);
  writeFileSync(join(folder, "query"), '{ directory { withNewFile(path: "a", contents: "b") { entries } } }');
  writeFileSync(join(folder, "begin"), `PS1='${READY} '\nstty rows 50 cols 200\nalias slipway=${resolve("slipway")}\n`);
  const env = { ...process.env, NO_COLOR: "1", ENV: join(folder, "begin") };
  typed = new TypedTerminal("the terminal", "sh -i", { cwd: folder, env });
  await typed.until(READY);
});
results.after(async () => {
  await typed.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is still on the screen when a command is over, and the shell is ready for the next one: before, it shows what is typed twice. */
async function shown(command: string): Promise<string> {
  await typed.line(`${command}; echo over-$((1))`, `over-1\n${READY}`);
  return typed.screen();
}

const DIRECTORY = "Directory@sha256:[0-9a-f]{64}";

const SEEN: readonly (readonly [string, string, RegExp])[] = [
  ["an object", "call -m module folder", new RegExp(`^${DIRECTORY}$`, "m")],
  ["each object of a list", "call -m module folders", new RegExp(`^- ${DIRECTORY}$`, "m")],
  ["an object of the core", "core directory", new RegExp(`^${DIRECTORY}$`, "m")],
  ["what stands for the module", "call -m module", /^Query$/m],
  ["the help of a function", "call -m module folder --help", /^USAGE\n(.*\n)*FUNCTIONS\n/m],
  ["the help above an error", "call -m module fodler --help", /^USAGE\n(.*\n)*Error: unknown command "fodler"/m],
  ["the list of functions", "functions -m module", /^Name +Description\n(.*\n)*folders/m],
  ["the list of checks", "check -m module --list", /^Name +Description\ngiver:lint +It passes\.$/m],
  ["the list of generators", "generate -m module --list", /^Name +Description\ngiver:code +It makes nothing\.$/m],
  ["the answer to a query", "query -m module --doc query", /^\{\n {4}"directory": \{\n(.*\n)*\}$/m],
  ["the name that no check has", "check -m module lnit", /^no check matches "lnit"\n\nDid you mean/m],
  ["the name that no generator has", "generate -m module cdoe", /^no generator matches "cdoe"\n\nDid you mean/m],
  ["the address of a session", "session -m module </dev/null", /^\{"port":\d+,"session_token":"[^"]+"\}$/m],
];

for (const [what, words, expected] of SEEN) {
  results(`${what} is still there when the command is over`, async () => {
    assert.match(await shown(`slipway ${words}`), expected);
  });
}

results.run();
