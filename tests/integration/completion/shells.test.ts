import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { type ShellName, TypedShell } from "./typed-shell.ts";

const folder = mkdtempSync(join(tmpdir(), "completion-"));
const shop = join(folder, "shop");
const RELEASE = {
  version: 1,
  id: `r-${"a".repeat(32)}`,
  commit: "b".repeat(40),
  commitTime: "2026-11-01T00:00:00Z",
  author: "a@acme.example",
  services: {},
};

/** What is typed behind `slipway `, with what each TAB at a bar puts in, and the words that the command then gets. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ["funct|ions", ["functions"]],
  ["call depl|oy --rin|g earl|y --reason x", ["call", "deploy", "--ring", "early", "--reason", "x"]],
  ["call plan --ring=everyb|ody", ["call", "plan", "--ring=everybody"]],
  ["call check --name=for|mat", ["call", "check", "--name=format"]],
  ["call build --service ap|i", ["call", "build", "--service", "api"]],
  [
    "call metrics --ring earl|y --format op|enmetrics",
    ["call", "metrics", "--ring", "early", "--format", "openmetrics"],
  ],
  ["call metrics --format=js|on", ["call", "metrics", "--format=json"]],
  ["--progress=pl|ain call te|st", ["--progress=plain", "call", "test"]],
  ["check workflows-|current", ["check", "workflows-current"]],
  ["call --kubeconfig env:SHOP_|KUBECONFIG stat|us", ["call", "--kubeconfig", "env:SHOP_KUBECONFIG", "status"]],
  ["call deploy --release rel|ease.json", ["call", "deploy", "--release", "release.json"]],
  ["call deploy --release=rel|ease.json", ["call", "deploy", "--release=release.json"]],
  ["call deploy --approvals wi|th", ["call", "deploy", "--approvals", "with space.json"]],
  ["call kafka endpo|int --sche|me", ["call", "kafka", "endpoint", "--scheme"]],
  // Nothing fits: the line stays, and nothing is said.
  ["nosuchverb xy|", ["nosuchverb", "xy"]],
  ["call nosuchfunction --ri|", ["call", "nosuchfunction", "--ri"]],
];

for (const name of ["bash", "zsh", "fish"] satisfies ShellName[]) {
  const shells = suite(`completion in ${name}`);
  let shell: TypedShell;

  shells.before(async () => {
    mkdirSync(join(shop, ".git"), { recursive: true });
    const settings = "product: shop\nservices: { api: { port: 80 } }\nchecks:\n  format: { run: [true] }\n";
    writeFileSync(join(shop, "slipway.yaml"), `${settings}rings:\n  early: {}\n  everybody: { after: early }\n`);
    writeFileSync(join(shop, "release.json"), JSON.stringify(RELEASE));
    writeFileSync(join(shop, "with space.json"), "{}");
    // Whoever has called it once has what it knows in the store.
    assert.is((await runSlipway(shop, ["functions"])).exitCode, 0);
    const script = join(folder, `completion.${name}`);
    writeFileSync(script, (await runSlipway(shop, ["completion", name])).stdout);
    const env = { SHOP_KUBECONFIG: "secret", SLIPWAY_STORE: process.env["SLIPWAY_STORE"] ?? storeOfHome() };
    shell = await TypedShell.open(name, { home: join(folder, name), cwd: shop, script, env });
  });

  shells.after(async () => {
    await shell.close();
  });

  for (const [typed, words] of LINES) {
    shells(`makes ${words.join(" ")} of ${typed}`, async () => {
      assert.equal(await shell.words(`slipway ${typed}`), [...words]);
    });
  }

  shells("of the command by its path as well", async () => {
    await shell.shows("./slipway func\t", "functions");
  });

  shells("lists what could follow, with what it is about", async () => {
    const shown = await shell.shows("slipway call deploy --ring e\t\t", "early", "everybody", "after early");
    assert.not.match(shown, "rror");
  });

  shells.run();
}

const last = suite("the files of these tests");
last("go with them", () => rmSync(folder, { recursive: true, force: true }));
last.run();

function storeOfHome(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "/root", ".cache"), "slipway");
}
