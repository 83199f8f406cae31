import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { hostToolEnv } from "../store/host-tools.ts";
import { startProgram } from "../store/start-program.ts";

const require = createRequire(import.meta.url);

/** Where ripgrep runs, and what for. */
export interface RipgrepRun {
  /** A folder of the engine that shows a snapshot. It is ripgrep's whole machine. */
  readonly root: string;
  /** The folder in it that is searched, absolute there. */
  readonly folder: string;
  readonly args: readonly string[];
  /** An empty folder of this process. */
  readonly scratch: string;
}

/** How ripgrep ended. It ends with 1 when nothing was found. */
export interface RipgrepEnd {
  readonly code: number;
  readonly stderr: string;
  /** It was ended because nobody wanted more lines. */
  readonly isCut: boolean;
}

/**
 * A root in memory with the program and the snapshot in it: files that say what to ignore count up to the top of the snapshot,
 * and no others of this machine; a link leads nowhere else.
 */
const IN_ITS_ROOT = `
mount -t tmpfs -o mode=0755,size=64k slipway-search "$1"
mkdir "$1/tree"
: > "$1/rg"
mount --bind "$2" "$1/rg"
mount --no-canonicalize --bind "$3" "$1/tree"
root=$1
folder=$4
shift 4
exec unshare --root="$root" --wd="/tree$folder" /rg "$@"`;

/**
 * Runs ripgrep over a folder of a snapshot.
 *
 * @param take gets each line of its output, and says whether it wants more
 */
export async function runRipgrep(run: RipgrepRun, take: (line: string) => boolean): Promise<RipgrepEnd> {
  const program = join(dirname(require.resolve("@vscode/ripgrep-linux-x64/package.json")), "bin", "rg");
  const inside = ["sh", "-euc", IN_ITS_ROOT, "sh", run.scratch, program, run.root, run.folder, ...run.args];
  const child = startProgram("setpriv", ["--pdeathsig", "KILL", "unshare", "--mount", ...inside], {
    stdio: ["ignore", "pipe", "pipe"],
    env: hostToolEnv(),
  });
  let stderr = "";
  let isCut = false;
  let rest = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    if (isCut) return;
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    isCut = !lines.every((line) => line === "" || take(line));
    if (isCut) child.kill("SIGKILL");
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, stderr, isCut };
}
