import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { installPackage, removePackage } from "./packed.ts";
import { listExecs, readChecks, type Said, Stranger } from "./stranger.ts";

/** A fault that somebody makes, and how it is told. */
interface Bug {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** Words of the repository's own test, all of them. */
  readonly says: readonly RegExp[];
  /** The programs that have to run, in any order, and no others; the end of each. */
  readonly runs: readonly string[];
}

/** What the way from `init` to the images is like in one repository. */
export interface Way {
  /** The folder below `repositories/`. */
  readonly repository: string;
  /** Lines of what `init` says. */
  readonly found: readonly RegExp[];
  /** What a person writes into slipway.yaml after `init`, because no file of the repository says it. */
  readonly completed?: (stranger: Stranger) => void;
  /** The report of `call test`. */
  readonly checks: readonly string[];
  readonly bug: Bug;
  /** The services that get an image. */
  readonly images: readonly string[];
}

/** Seconds, as the figures print them. */
const told = ({ seconds }: Said) => `${seconds.toFixed(1)} s`;

/**
 * Adds the tests that are the same for all repositories: from `npx slipway init` to the images, each step upon the one
 * before. The stranger is there in all tests that come after.
 */
export function addWay(suite: Test, way: Way): () => Stranger {
  let stranger: Stranger;
  let init: Said;

  suite.before(async () => {
    stranger = await Stranger.begin(way.repository, await installPackage());
  });
  suite.after(async () => {
    await stranger.remove();
    removePackage(stranger.installed);
  });

  suite("is known to init, which writes what it needs", async () => {
    init = await stranger.slipway("init");
    assert.is(init.code, 0, init.progress);
    for (const line of way.found) assert.ok(line.test(init.result), `${line} is not in\n${init.result}`);
    const status = await stranger.status();
    for (const path of ["dagger.json", "slipway.yaml", "manifests/canary/kustomization.yaml"])
      assert.ok(status.includes(`?? ${path}`), status.join("\n"));
    way.completed?.(stranger);
    await stranger.commit("Use Slipway");
  });

  suite("is left alone by a second init", async () => {
    const said = await stranger.slipway("init");
    assert.is(said.code, 0, said.progress);
    assert.equal(await stranger.status(), []);
  });

  suite("passes its checks, and runs nothing again while nothing has changed", async () => {
    const cold = await stranger.slipway("call", "test");
    assert.is(cold.code, 0, cold.progress + cold.result);
    assert.equal(readChecks(cold), way.checks);
    assert.ok(listExecs(cold).length > 0, "the first run was not cold");
    const warm = await stranger.slipway("call", "test");
    assert.is(warm.code, 0, warm.progress + warm.result);
    assert.equal(readChecks(warm), way.checks);
    assert.equal(listExecs(warm), []);
    console.log(`  ${way.repository}: init ${told(init)}, test cold ${told(cold)}, warm ${told(warm)}`);
    // How fast a machine is nobody knows: five seconds are promised where the first run takes some.
    assert.ok(warm.seconds < Math.max(5, cold.seconds / 2), `the second run took ${told(warm)}`);
  });

  suite("runs nothing again after a change for people", async () => {
    stranger.write("README.md", `${stranger.read("README.md")}\nAsk Ada.\n`);
    await stranger.commit("Say whom to ask");
    const said = await stranger.slipway("call", "test");
    assert.is(said.code, 0, said.progress + said.result);
    assert.equal(listExecs(said), []);
  });

  suite("fails by a planted bug with what its own test says, and runs only what reads the file", async () => {
    const { path, from, to, says, runs } = way.bug;
    const sound = stranger.read(path);
    stranger.edit(path, from, to);
    const said = await stranger.slipway("call", "test");
    stranger.write(path, sound);
    assert.is(said.code, 1, said.progress + said.result);
    const all = said.progress + said.result;
    for (const words of says) assert.ok(words.test(all), `${words} is not in\n${all}`);
    // What a check has written is collected before it ends as its command did.
    const execs = listExecs(said).filter((exec) => !exec.startsWith("/bin/sh /run/slipway/fail "));
    for (const run of runs)
      assert.ok(
        execs.some((one) => one.endsWith(run)),
        `${run} did not run:\n${execs.join("\n")}`,
      );
    const others = execs.filter((one) => !runs.some((run) => one.endsWith(run)));
    assert.equal(others, []);
  });

  suite("builds an image of each service from the commit", async () => {
    const said = await stranger.slipway("call", "build");
    assert.is(said.code, 0, said.progress);
    const built = said.result
      .split("\n")
      .flatMap((line) => /^(\S+) +[\d.]+ MB +\d+ layers +sha256:/.exec(line)?.[1] ?? []);
    assert.equal(built, way.images);
    assert.match(said.result, /\n\d+ images? from commit [0-9a-f]{40} of /);
  });

  return () => stranger;
}
