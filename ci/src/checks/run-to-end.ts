import { type Container, dag } from "@dagger.io/dagger";
import type { Command } from "../languages/language.ts";

/** What commands left behind, whether they passed or not. */
export interface End {
  readonly container: Container;
  /** Of the last command that ran: of the first one that failed, if any did. */
  readonly exitCode: number;
}

/** A command that failed before is run again, or taken as it ended the last time that it was run. */
export type Failed = "again" | "as-it-was";

const FOLDER = "/run/slipway";
/** When a command began, in seconds since 1970, and a name for that try. */
const TRY = `${FOLDER}/try`;
const CODE = `${FOLDER}/code`;

/** The exec itself passes always, so that what the command has written stays. */
const WATCH = `${FOLDER}/watch`;
const WATCHING = `read name </proc/sys/kernel/random/uuid
echo "$(date +%s) $name" >${TRY}
"$@" && code=0 || code=$?
echo "$code" >${CODE}
`;

/**
 * Runs commands one after the other until one fails.
 *
 * An engine remembers an exec that passed, and this one passes always. So that a command which failed is run again by
 * the next call, as it would be without this, each try is another exec: it names the one that failed before it.
 */
export async function runToEnd(container: Container, commands: readonly Command[], failed: Failed): Promise<End> {
  const sinceMs = Date.now();
  const written = [TRY, CODE].reduce((made, path) => made.withNewFile(path, "", { permissions: 0o666 }), container);
  let at = written.withNewFile(WATCH, WATCHING, { permissions: 0o644 });
  for (const command of commands) {
    const end = await tryUntilNew(at, command, failed, sinceMs);
    if (end.exitCode !== 0) return end;
    at = end.container;
  }
  return { container: at, exitCode: 0 };
}

async function tryUntilNew(start: Container, command: Command, failed: Failed, sinceMs: number): Promise<End> {
  let at = start;
  for (;;) {
    const container = at.withExec(["sh", WATCH, ...command]);
    const exitCode = Number(await container.file(CODE).contents());
    if (exitCode === 0) return { container, exitCode };
    const [seconds, name = ""] = (await container.file(TRY).contents()).trim().split(" ");
    // The clock of the mark counts whole seconds.
    if ((Number(seconds) + 1) * 1000 > sinceMs) return { container, exitCode };
    const tries = openTries(container);
    if (failed === "again") await tries.noteNext(name);
    else if (!(await tries.hasNext(name))) return { container, exitCode };
    at = start.withEnvVariable("SLIPWAY_TRY_AFTER", name);
  }
}

/** Remembers after which failed tries there was another one. It asks the same image, so that no other has to come. */
function openTries(container: Container) {
  const folder = "/tries";
  const run = (script: string, name: string) =>
    dag
      .container()
      .withRootfs(container.rootfs())
      .withMountedCache(folder, dag.cacheVolume("slipway-tries"))
      .withEnvVariable("SLIPWAY_CALL", `${Date.now()} ${Math.random()}`)
      .withExec(["/bin/sh", "-c", `cd ${folder}; ${script}`, "tries", name])
      .stdout();
  return {
    hasNext: async (name: string) => (await run('if [ -e "$1" ]; then echo yes; fi', name)).trim() === "yes",
    // Nobody asks about old ones: the engine has forgotten their execs, or will run them again.
    noteNext: (name: string) => run('touch "$1"; find . -type f -mtime +30 -exec rm -f {} +', name),
  };
}

/** As much of an output as engines keep in an error. */
const KEPT_BYTES = 30_000;

/**
 * Fails as the engine does for a command that failed: with its exit code and the end of what it printed. An error made
 * here would have neither on the way to the caller.
 */
export async function failAs({ container, exitCode }: End): Promise<never> {
  const [stdout, stderr] = await Promise.all([container.stdout(), container.stderr()]);
  const said = dag
    .container()
    .withRootfs(container.rootfs())
    .withNewFile(`${FOLDER}/stdout`, stdout.slice(-KEPT_BYTES))
    .withNewFile(`${FOLDER}/stderr`, stderr.slice(-KEPT_BYTES))
    .withNewFile(`${FOLDER}/fail`, `cat ${FOLDER}/stdout\ncat ${FOLDER}/stderr >&2\nexit "$1"\n`);
  await said.withExec(["/bin/sh", `${FOLDER}/fail`, String(exitCode)]).sync();
  throw new Error(`a command that ended with ${exitCode} has ended with 0`);
}
