/**
 * A module that asks the engine for paths below `/scratch/play/d`, while a process beside it makes `d` a folder and a link to
 * a folder of the host by turns, as fast as it can.
 */
export const ATTACKER = String.raw`
import { dag, func, object } from "@dagger.io/dagger";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";

const PLAY = "/scratch/play";
const SWAP = [
  "const fs = require('node:fs'); process.chdir('/scratch/play'); let swaps = 0;",
  "const stop = Date.now() + Number(process.argv[1]);",
  "const move = (from, to) => { try { fs.renameSync(from, to); } catch {} };",
  "while (Date.now() < stop) {",
  "  for (let i = 0; i < 200; i++) { move('d', 'd1'); move('l', 'd'); move('d', 'l'); move('d1', 'd'); }",
  "  fs.appendFileSync('/scratch/swaps', '.'.repeat(200));",
  "}",
].join("\n");
/** On a busy machine the time is over before that many tries; then these are still made. */
const LEAST_TRIES = 6;
const LONGEST_MS = 30_000;

@object()
export class Attacker {
  /** Tries one kind of access as often and as long as told, and gives all different answers. */
  @func({ cache: "never" }) async attack(kind: string, canary: string, ms: number, tries: number): Promise<string> {
    rmSync(PLAY, { recursive: true, force: true });
    mkdirSync(PLAY + "/d/sub", { recursive: true });
    for (const file of ["f", "sub/f"]) writeFileSync(PLAY + "/d/" + file, "of the function");
    symlinkSync(canary, PLAY + "/l");
    rmSync("/scratch/swaps", { force: true });
    const swapper = spawn(process.execPath, ["-e", SWAP, String(LONGEST_MS)], { stdio: "inherit" });
    const ended = new Promise((resolve) => swapper.on("exit", resolve));
    const seen = new Set<string>();
    const begin = Date.now();
    const isOver = (done: number) => Date.now() > begin + (done < LEAST_TRIES ? LONGEST_MS : ms);
    let done = 0;
    while (done < tries && !isOver(done)) {
      const said = await access(kind, done).catch((error: Error) => error.message);
      for (const text of [said].flat()) seen.add(text);
      done += 1;
    }
    swapper.kill("SIGKILL");
    await ended;
    const swaps = readFileSync("/scratch/swaps", "utf8").length;
    return JSON.stringify({ tries: done, swaps, seen: [...seen] });
  }
}

async function access(kind: string, n: number): Promise<string | string[]> {
  const host = dag.host();
  const made = () => dag.directory().withNewFile("w/x" + n, "of the function").withNewFile("f", "overwritten");
  switch (kind) {
    case "read a directory": {
      const tree = host.directory(PLAY + "/d", { noCache: true });
      return [...(await tree.glob("**")), await tree.file("f").contents()];
    }
    case "read a directory with patterns": {
      const tree = host.directory(PLAY, { noCache: true, include: ["d/**"], exclude: ["**/none"] });
      return [...(await tree.glob("**")), await tree.file("d/sub/f").contents()];
    }
    case "read a directory and its ignore files":
      return await host.directory(PLAY, { noCache: true, gitignore: true }).glob("**");
    case "read a file": return await host.file(PLAY + "/d/f", { noCache: true }).contents();
    case "read a secret file": return await dag.secret("file://" + PLAY + "/d/sub/f").plaintext();
    case "find up": return String(await host.findUp("play/d/wiped"));
    case "read its working directory": return await dag.currentModule().workdir("play/d").glob("**");
    case "write a directory": return await made().export(PLAY + "/d/sub");
    case "write a directory and wipe": return await made().export(PLAY + "/d", { wipe: true });
    case "write a file": return await made().file("f").export(PLAY + "/d/sub/f");
    case "write a file into a folder": return await made().file("f").export(PLAY + "/d", { allowParentDirPath: true });
    case "write a changeset": {
      const before = dag.directory().withNewFile("f", "a").withNewFile("sub/f", "a");
      return await made().changes(before).export(PLAY + "/d");
    }
    case "write an image": return await dag.container().withNewFile("/x", "x").export(PLAY + "/d/f");
    default: return await dag.address(PLAY + "/d/f").file().contents();
  }
}
`;
