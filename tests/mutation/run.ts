/**
 * Plants each fault of `faults.ts` into a copy of ci/src and runs the tests of the rollout against it. Prints
 * which faults no test has noticed. `node --import tsx tests/mutation/run.ts [WORD…]` tries only faults with such a word.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve as absolute, join } from "node:path";
import { execa } from "execa";
import { FAULTS } from "./faults.ts";

const VERBS = ["verbs", "frozen-ring", "drift", "plan", "kubectl-calls", "records"];
const PODS = ["waiting-pods", "missing-pods", "ended-pods", "pod-images"];
const APPROVALS = ["approvals", "ring-approvals", "approvers", "ssh-signatures"];
const JOBS = ["jobs", "job-objects"];
const AUTOSCALERS = ["autoscalers", "autoscaler-manifests"];

/** Tests about one file above all. */
const OWN_TESTS: Readonly<Record<string, readonly string[]>> = {
  "ledger.ts": ["promotable"],
  "own-images.ts": ["own-images"],
  "copies.ts": ["copies", "settings"],
  "reads.ts": ["copies", "settings"],
  "sweep.ts": ["settings"],
  "shared.ts": ["settings"],
  "ports.ts": ["settings"],
  "rivals.ts": [...AUTOSCALERS, "settings"],
  "scale.ts": AUTOSCALERS,
  "autoscalers.ts": AUTOSCALERS,
  "autoscaler-writes.ts": AUTOSCALERS,
  "jobs.ts": JOBS,
  "job-writes.ts": JOBS,
  "job-state.ts": JOBS,
  "job-manifest.ts": JOBS,
};

/** Those first in which a fault of the file ends soonest. */
function listTests(file: string): string[] {
  if (file === "traffic.ts" || file === "exposition.ts") return ["traffic", "health", ...VERBS];
  if (file.startsWith("rolling/")) return ["rolling", "rolling-kill"];
  const own = OWN_TESTS[file];
  if (own !== undefined) return [...own, ...VERBS, "kill", "zombie"];
  return file.startsWith("approval/")
    ? [...APPROVALS, "health", ...VERBS]
    : [
        "health",
        ...PODS,
        "own-images",
        "rollback",
        "settings",
        ...AUTOSCALERS,
        ...JOBS,
        ...VERBS,
        "kill",
        "zombie",
        ...APPROVALS,
      ];
}

/**
 * Tests that run longer than this hang because of the fault, which is noticed as well. On a busy machine they may also take
 * so many times what they took without any fault.
 */
const TIMEOUT_MS = 240_000;
const TIMES_WITHOUT_FAULT = 4;
const TIMEOUT_WITHOUT_FAULT_MS = 1_800_000;

const words = process.argv.slice(2);
const faults = FAULTS.filter(
  ({ name, file }) => words.length === 0 || words.some((word) => `${file} ${name}`.includes(word)),
);
const folder = mkdtempSync(join(tmpdir(), "slipway-mutation-"));
const survivors: string[] = [];

try {
  for (const part of ["ci/src", "tests/unit/ci/rollout"]) cpSync(part, join(folder, part), { recursive: true });
  for (const file of ["package.json", "tsconfig.json", "tsconfig.base.json"]) cpSync(file, join(folder, file));
  symlinkSync(absolute("node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "tmp"));
  if (faults.length === 0) throw new Error(`no fault is called like ${words.join(" or ")}`);
  const startedAt = Date.now();
  const clean = await findNoticer(
    [...new Set(faults.flatMap(({ file }) => listTests(file)))],
    TIMEOUT_WITHOUT_FAULT_MS,
  );
  const limitMs = Math.max(TIMEOUT_MS, TIMES_WITHOUT_FAULT * (Date.now() - startedAt));
  if (clean !== undefined) throw new Error(`without any fault the test ${clean} fails already`);
  for (const [index, { file, name, from, to, harmless }] of faults.entries()) {
    const path = join(folder, "ci/src/rollout", file);
    const text = readFileSync(path, "utf8");
    const found = text.split(from).length - 1;
    if (found !== 1) throw new Error(`${file}: the text of "${name}" is there ${found} times, expected once`);
    // A function, because `$` means something in a replacement string.
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
    const noticer = await findNoticer(listTests(file), limitMs);
    writeFileSync(path, text);
    if (noticer === undefined)
      survivors.push(`${file}: ${name}${harmless === undefined ? "" : ` (harmless: ${harmless})`}`);
    if (noticer === undefined && harmless === undefined) process.exitCode = 1;
    console.log(
      `${index + 1}/${faults.length} ${noticer === undefined ? "SURVIVED" : `killed by ${noticer}`}  ${file}: ${name}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
const killed = faults.length - survivors.length;
console.log(`killed ${killed} of ${faults.length} (${((killed / faults.length) * 100).toFixed(1)} %)`);
for (const survivor of survivors) console.log(`survived: ${survivor}`);

/** Runs the tests in one process, to the first that fails: the name of its suite, or `undefined` when all pass. */
async function findNoticer(tests: readonly string[], timeout: number): Promise<string | undefined> {
  const imports = tests.map((test) => `import "./tests/unit/ci/rollout/${test}.test.ts";`);
  const child = execa("node", ["--import", "tsx", "--input-type=module", "--eval", imports.join("\n")], {
    cwd: folder,
    env: { TMPDIR: join(folder, "tmp"), SLIPWAY_INTERLEAVINGS: "40" },
    stdio: ["ignore", "pipe", "ignore"],
    timeout,
    reject: false,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    // uvu prints a cross as soon as it knows.
    if (output.includes("\u2718")) child.kill("SIGKILL");
  });
  const { exitCode } = await child;
  if (exitCode === 0) return undefined;
  const line = output.split("\u2718")[0]?.split("\n").at(-1) ?? "";
  return line.replaceAll(/[^a-z, ]/g, "").trim() || "a crash";
}
