import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");

/** As long as anything here may take on a busy machine. */
const LIMIT_MS = 120_000;

const SOURCE = `
import { argument, dag, Directory, func, object, Secret } from "@dagger.io/dagger"

const sh = (script: string) => dag.container().from("node:24-bookworm-slim").withExec(["sh", "-c", script])

@object()
export class Shop {
  @func()
  async good(word: string): Promise<string> {
    return await sh("echo built " + word).stdout()
  }

  @func()
  async bad(): Promise<string> {
    return await sh("echo before; echo 'not </script> ok' >&2; exit 7").stdout()
  }

  @func()
  async slow(): Promise<string> {
    return await sh("echo begun; sleep 600").stdout()
  }

  @func()
  async list(@argument({ defaultPath: "/data" }) data: Directory): Promise<string> {
    return (await data.entries()).join(" ")
  }

  @func()
  async login(token: Secret): Promise<string> {
    return await sh("true").withSecretVariable("TOKEN", token)
      .withExec(["sh", "-c", "echo the token is $TOKEN; exit 1"]).stdout()
  }
}
`;

const trace = suite("a run that can be looked at");

let folder = "";

trace.before(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-trace-"));
  writeModule(folder, "shop", SOURCE);
});

trace.after(() => rmSync(folder, { recursive: true, force: true }));

async function slipway(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return await runSlipway(folder, words, { env, limitMs: LIMIT_MS });
}

interface Row {
  readonly depth: number;
  readonly outcome: string;
  readonly name: string;
}

/** The steps of a page, as its tree has them. */
function rowsOf(html: string): readonly Row[] {
  const row = /data-outcome="(\w+)" style="--depth:(\d+)"[\s\S]*?<span class="name">(.*?)<\/span>/g;
  return [...html.matchAll(row)].map(([, outcome = "", depth, name = ""]) => ({ depth: Number(depth), outcome, name }));
}

const page = (name: string): string => readFileSync(join(folder, name), "utf8");

trace("shows functions, and below them what they ran; again, what was known", async () => {
  const word = `w${Date.now()}`;
  const first = await slipway(["call", "good", `--word=${word}`, "--trace=good.html"]);
  assert.is(first.exitCode, 0, first.stderr);
  assert.match(first.stderr, `Saved the page about the run to "${folder}/good.html".`);
  const rows = rowsOf(page("good.html"));
  assert.equal(rows.at(-2), { depth: 0, outcome: "done", name: "Shop.good" });
  assert.equal(rows.at(-1), { depth: 1, outcome: "done", name: `withExec sh -c echo built ${word}` });
  assert.match(page("good.html"), `aria-label="Output">built ${word}</pre>`);
  const second = await slipway(["call", "good", `--word=${word}`, "--trace=again.html"]);
  assert.is(second.exitCode, 0, second.stderr);
  assert.equal(rowsOf(page("again.html")).at(-1), { depth: 0, outcome: "cached", name: "Shop.good" });
});

trace("of a failed run has what failed before all else, and the exit code stays that of the step", async () => {
  const { exitCode, stderr } = await slipway(["call", "bad", "--trace=bad.html"]);
  assert.is(exitCode, 7, stderr);
  const html = page("bad.html");
  const what = html.slice(html.indexOf("What failed"), html.indexOf('id="steps"'));
  assert.match(html, "Failed with exit code 7");
  assert.match(what, "before\n");
  assert.match(what, "not &lt;/script&gt; ok");
  assert.equal(
    rowsOf(html)
      .slice(-2)
      .map(({ depth, outcome }) => [depth, outcome]),
    [
      [0, "failed"],
      [1, "failed"],
    ],
  );
});

trace("has no secret, also where a step prints it", async () => {
  const token = `tok-${Date.now()}-long-enough`;
  const { exitCode, stderr } = await slipway(["call", "login", "--token=env:TOKEN", "--trace=login.html"], {
    TOKEN: token,
  });
  assert.is(exitCode, 1, stderr);
  assert.match(page("login.html"), "the token is ***");
  assert.not.match(page("login.html"), token);
});

trace("is written when the run is canceled, with what ran at that moment", async () => {
  const child = spawn(SLIPWAY, ["call", "slow", "--trace=slow.html"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
  });
  let said = "";
  const begun = new Promise<void>((done) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/\| begun/.test(said)) done();
    });
  });
  const ended = once(child, "exit") as Promise<[number | null]>;
  await Promise.race([begun, ended]);
  assert.match(said, "| begun", "it ended before it began");
  child.kill("SIGINT");
  const [code] = await ended;
  assert.is(code, 1, said);
  assert.match(said, "Canceled.\n");
  const html = page("slow.html");
  assert.match(html, "Canceled with exit code 1:");
  assert.equal(
    rowsOf(html)
      .slice(-2)
      .map(({ outcome }) => outcome),
    ["canceled", "canceled"],
  );
  assert.match(html, 'aria-label="Output">begun</pre>');
});

trace("on a full disk is told, leaves nothing, and changes no exit code", async () => {
  const full = join(folder, "full");
  mkdirSync(full);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8k", "slipway-test", full], { encoding: "utf8" });
  assert.is(mounted.status, 0, mounted.stderr);
  try {
    writeFileSync(join(full, "old.html"), "old");
    const { exitCode, stderr } = await slipway(["call", "bad", "--trace=full/old.html"]);
    assert.is(exitCode, 7, stderr);
    assert.match(
      stderr,
      `Error: the page about the run cannot be written to ${full}/old.html: no space left on device; the run itself failed, and its exit code stays 7\n`,
    );
    assert.equal(readdirSync(full), ["old.html"]);
    assert.is(readFileSync(join(full, "old.html"), "utf8"), "old");
  } finally {
    spawnSync("umount", ["-l", full]);
  }
});

trace("is kept in the store, with what changed against the run before", async () => {
  const env = { SLIPWAY_STORE: join(folder, "store") };
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "a"), "");
  const call = async (...more: readonly string[]) => {
    const ran = await slipway(["call", "list", ...more], env);
    assert.is(ran.exitCode, 0, ran.stderr);
    return ran.stdout;
  };
  assert.is((await slipway(["trace"], env)).stdout, "No runs are kept yet.\n");
  assert.is(await call(), "a");
  writeFileSync(join(folder, "data", "b"), "");
  assert.is(await call("--trace=changed.html"), "a b");
  assert.is(await call(), "a b");
  const list = (await slipway(["trace"], env)).stdout.split("\n");
  assert.equal(
    list.slice(1, -1).map((line) => line.replace(/^(\d) .* s {2}/, "$1 ")),
    [
      "1 succeeded  1      slipway call list",
      "2 succeeded  1      slipway call list --trace=changed.html",
      "3 succeeded  1      slipway call list",
    ],
  );
  const shown = (await slipway(["trace", "2"], env)).stdout;
  assert.match(shown, /\n✔ Shop\.list \S+ s\n {2}It ran again because this changed: argument data \(new b\)\.\n$/);
  assert.match((await slipway(["trace", "--last"], env)).stdout, /\n\$ Shop\.list \S+ s CACHED\n$/);
  assert.match(page("changed.html"), "<code>argument data</code>");
  assert.match(page("changed.html"), '<span class="chip">ran again</span>');
  await slipway(["trace", "2", "-o", "later.html"], env);
  assert.is(page("later.html"), page("changed.html"));
  assert.match((await slipway(["store"], env)).stdout, /the last runs, for slipway trace +3 /);
});

trace.run();
