import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { crc32 } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const compiled = suite("what Node compiles of the engine");
const program = "engine/dist/cli.js";

let store: string;
compiled.before.each(() => {
  store = mkdtempSync(join(tmpdir(), "slipway-compiled-"));
});
compiled.after.each(() => rmSync(store, { recursive: true, force: true }));

const run = (env: NodeJS.ProcessEnv = {}, words: readonly string[] = ["--version"]): string =>
  execFileSync(process.execPath, [program, ...words], {
    encoding: "utf8",
    timeout: 60_000,
    stdio: "pipe",
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: undefined, SLIPWAY_STORE: store, ...env },
  });

/** What is kept, with its bytes. */
function kept(): ReadonlyMap<string, Buffer> {
  const folder = join(store, "compiled");
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).flatMap((build) =>
    readdirSync(join(folder, build)).map((form) => join(build, form)),
  );
  return new Map(files.map((file) => [file, readFileSync(join(folder, file))]));
}

compiled("is kept in the store, and the next start adds nothing to it", () => {
  run();
  const first = kept();
  assert.is(first.size, 1, [...first.keys()].join(" "));
  assert.match(run(), /^slipway v/);
  assert.equal(kept(), first);
});

compiled("grows when a command needs more of the engine than those before it", () => {
  run();
  const [[name, first] = ["", Buffer.of()]] = kept();
  run({}, ["functions", "-m", resolve("bench/module")]);
  const more = kept().get(name)?.length ?? 0;
  assert.ok(more > 2 * first.length, `${first.length} bytes before, ${more} after`);
});

compiled("is not kept by a long run, which has given up what it began with", () => {
  const spent = (milliseconds: number) => {
    const usage = `process.cpuUsage = () => ({ user: ${milliseconds * 1000}, system: 0 })`;
    return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(usage)}` };
  };
  run(spent(10_000));
  assert.is(kept().size, 0);
  run(spent(500));
  assert.is(kept().size, 1);
});

compiled("is made anew where what is kept is damaged, cut off or of another Node", () => {
  run();
  const [[name, whole] = ["", Buffer.of()]] = kept();
  const damaged = Buffer.from(whole);
  damaged.fill(0x5a, 100, 4_000);
  const foreign = Buffer.from(whole);
  foreign.fill(0, 12, 24);
  foreign.writeUInt32LE(crc32(foreign.subarray(4)), 0);
  for (const [what, bytes] of Object.entries({
    damaged,
    foreign,
    short: whole.subarray(0, 5),
    cut: whole.subarray(0, 9_000),
  })) {
    writeFileSync(join(store, "compiled", name), bytes);
    assert.match(run(), /^slipway v/, what);
    assert.not.equal(kept().get(name), bytes, what);
  }
});

compiled("is kept for each set of Node's options by itself", () => {
  run();
  const [name = ""] = [...kept().keys()];
  run({ NODE_OPTIONS: "--stack-trace-limit=20" });
  assert.is(kept().size, 2);
  assert.ok(kept().has(name));
});

compiled("is kept of two builds: the oldest one goes", () => {
  for (const [name, days] of Object.entries({ oldest: 3, older: 2, old: 1 })) {
    const folder = join(store, "compiled", name);
    mkdirSync(folder, { recursive: true });
    const time = new Date(Date.now() - days * 86_400_000);
    utimesSync(folder, time, time);
  }
  run();
  const builds = readdirSync(join(store, "compiled"));
  assert.is(builds.length, 2, builds.join(" "));
  assert.ok(builds.includes("old"), builds.join(" "));
});

compiled("names the place in the source where Node is asked for that", () => {
  const fault = (options: string): string => {
    const throwing = 'data:text/javascript,process.umask = () => { throw new Error("shown") }';
    try {
      return run({ NODE_OPTIONS: `${options} --import ${JSON.stringify(throwing).replaceAll(" ", "%20")}` });
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  };
  assert.match(fault("--enable-source-maps"), /engine\/src\/cli\/main\.ts:\d+/);
  assert.not.match(fault(""), /main\.ts:\d+/);
});

compiled("loads nothing that asks other machines for a command on a module", () => {
  const atExit = "process.on('exit',()=>process.stderr.write(process.moduleLoadList.join('\\n')))";
  const { stderr } = spawnSync(process.execPath, [program, "functions", "-m", resolve("bench/module")], {
    encoding: "utf8",
    timeout: 60_000,
    env: {
      ...process.env,
      SLIPWAY_STORE: store,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(atExit)}`,
    },
  });
  const loaded = stderr.split("\n");
  assert.ok(loaded.includes("NativeModule http"), stderr);
  // Node's own undici, and what the package of that name asks for first.
  for (const name of ["internal/deps/undici/undici", "http2"])
    assert.not.ok(loaded.includes(`NativeModule ${name}`), name);
});

compiled("is not kept where the person has turned that off", () => {
  assert.match(run({ NODE_DISABLE_COMPILE_CACHE: "1" }), /^slipway v/);
  assert.is(kept().size, 0);
});

compiled("is compiled at each start where the store is no folder, can be none, or is not there yet", () => {
  const [file, absent] = [join(store, "file"), join(store, "absent")];
  writeFileSync(file, "");
  for (const place of [file, "/proc/none", absent]) assert.match(run({ SLIPWAY_STORE: place }), /^slipway v/, place);
  assert.not.ok(existsSync(absent));
});

compiled.run();
