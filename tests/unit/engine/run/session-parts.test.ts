import {
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { PassThrough } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AddressPool } from "../../../../engine/src/run/address-pool.ts";
import { PATIENCE_MS } from "../../../../engine/src/run/beat.ts";
import { HeldStream } from "../../../../engine/src/run/held-stream.ts";
import { hostsText, resolvText, rewriteInPlace } from "../../../../engine/src/run/hosts-file.ts";
import { engineOf, RunHost, startTimeOf, sweepLeftovers } from "../../../../engine/src/run/run-host.ts";

const parts = suite("parts of a session");

parts("addresses are given once, and used again only after all others", () => {
  const pool = new AddressPool();
  assert.equal([pool.take(), pool.take()], ["10.87.0.2", "10.87.0.3"]);
  pool.giveBack("10.87.0.2");
  assert.is(pool.take(), "10.87.0.4");
});

parts("when all addresses are in use the error says so, and one given back is found", () => {
  const pool = new AddressPool();
  const given = Array.from({ length: 65_533 }, () => pool.take());
  assert.is(new Set(given).size, 65_533);
  assert.not.ok(given.includes("10.87.255.255"));
  assert.throws(() => pool.take(), /all 65533 addresses .* in use/);
  pool.giveBack("10.87.3.7");
  assert.is(pool.take(), "10.87.3.7");
});

parts("a hosts file names localhost, the container and the others", () => {
  assert.is(
    hostsText("10.87.0.2", "dagger", new Map([["web", "10.87.0.9"]])),
    "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n10.87.0.2 dagger\n10.87.0.9 web\n",
  );
});

parts("the resolver keeps the host's search list and options, not its servers", () => {
  assert.is(
    resolvText("# x\nnameserver 127.0.0.53\nsearch a.b\noptions edns0\n", "1.2.3.4"),
    "nameserver 1.2.3.4\nsearch a.b\noptions edns0\n",
  );
});

parts("a file rewritten in place stays the same file, also when it gets shorter", () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-hosts-"));
  const path = join(dir, "hosts");
  rewriteInPlace(path, "long text\n");
  const { ino } = statSync(path);
  rewriteInPlace(path, "x\n");
  assert.is(readFileSync(path, "utf8"), "x\n");
  assert.is(statSync(path).ino, ino);
  rmSync(dir, { recursive: true });
});

parts("only folders of engines that are gone are swept", () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-sweep-"));
  const alive = `engine-${process.pid}-${startTimeOf(process.pid)}`;
  // The number is in use again, by a process that started at another time.
  const reused = `engine-${process.pid}-1`;
  for (const name of [alive, reused, "engine-4194999-5", "other"])
    mkdirSync(join(dir, name, "inside"), { recursive: true });
  assert.equal(sweepLeftovers(dir).sort(), ["engine-4194999-5", reused].sort());
  assert.equal(
    [alive, reused, "other"].map((name) => existsSync(join(dir, name))),
    [true, false, true],
  );
  assert.equal(sweepLeftovers(join(dir, "no-such")), []);
  rmSync(dir, { recursive: true });
});

/** An engine of another container, whose number is nobody's here. */
function beatElsewhere(runDir: string, name: string, sinceMs: number): void {
  mkdirSync(join(runDir, name));
  const note = join(runDir, name, "beat");
  symlinkSync("pid:[1]", note);
  const then = (Date.now() - sinceMs) / 1000;
  lutimesSync(note, then, then);
}

parts("the folders of an engine in another container are swept only when it has not told for long that it runs", () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-sweep-"));
  const [runDir, scratch] = [join(dir, "run"), join(dir, "scratch")];
  for (const folder of [runDir, scratch]) mkdirSync(folder);
  const [running, gone] = ["engine-4194999-5", "engine-4194999-6"];
  beatElsewhere(runDir, running, PATIENCE_MS - 60_000);
  beatElsewhere(runDir, gone, PATIENCE_MS + 60_000);
  for (const name of [running, gone]) mkdirSync(join(scratch, name, "upper"), { recursive: true });
  sweepLeftovers(runDir, scratch);
  assert.equal([readdirSync(runDir), readdirSync(scratch)], [[running], [running]]);
  rmSync(dir, { recursive: true });
});

parts(
  "the folder of an engine says where its number counts, before anybody can see it, and is gone at its end",
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "slipway-beat-"));
    const host = RunHost.open({ runDir: join(dir, "run") });
    assert.is(readlinkSync(join(host.dir, "beat")), readlinkSync("/proc/self/ns/pid"));
    assert.equal(readdirSync(join(dir, "run")), [basename(host.dir)]);
    assert.equal(engineOf(basename(host.dir), join(dir, "run")), { isRunning: true });
    await host.close();
    assert.equal(readdirSync(join(dir, "run")), []);
    rmSync(dir, { recursive: true });
  },
);

async function collect(held: HeldStream): Promise<string> {
  let text = "";
  for await (const chunk of held.output) text += String(chunk);
  return text;
}

parts("a text with the prefix is kept back until it is judged", async () => {
  const input = new PassThrough();
  const held = new HeldStream(input, ["[FATAL"]);
  const text = collect(held);
  input.write("[FA");
  input.end("TAL] x\n");
  assert.is(await held.heldText(), "[FATAL] x\n");
  held.replaceHeld("other\n");
  assert.is(await text, "other\n");
});

parts("a text without the prefix is passed on at once", async () => {
  const input = new PassThrough();
  const held = new HeldStream(input, ["[FATAL"]);
  input.write("[FINE");
  const chunk = await new Promise((resolve) => held.output.once("data", resolve));
  assert.is(String(chunk), "[FINE");
  input.end(" more");
  const rest = collect(held);
  assert.is(await held.heldText(), "");
  held.release();
  assert.is(await rest, " more");
});

parts.run();
