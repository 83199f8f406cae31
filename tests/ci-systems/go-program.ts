import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** The oldest Go that fetches by itself the newer one that a program asks for. */
const OLDEST_MINOR = 21;

/** A CI system's own program, from the Go module that its go.mod and go.sum pin. */
export interface GoProgram {
  /** With the pins; the program is built into it. */
  readonly folder: string;
  /** The import path of its `main`. */
  readonly source: string;
  readonly name: string;
  /** Without the C library: then it needs no compiler of C, and runs in any container. */
  readonly isStatic?: boolean;
}

/** Why it cannot be built on this machine. */
async function whyNotBuilt({ folder, name }: GoProgram): Promise<string | undefined> {
  const { stdout = "" } = await execa("go", ["env", "GOVERSION"], { cwd: folder, reject: false });
  const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  return minor >= OLDEST_MINOR
    ? undefined
    : `${name} is built by Go 1.${OLDEST_MINOR} or newer, and there is ${stdout === "" ? "none" : stdout}`;
}

/** Builds it; Go's own cache has what has not changed. */
async function build({ folder, source, name, isStatic }: GoProgram): Promise<void> {
  // One compiler at a time, behind everything else: it may take minutes.
  const env = { GOFLAGS: "-p=1 -buildvcs=false -mod=readonly", ...(isStatic === true ? { CGO_ENABLED: "0" } : {}) };
  await execa("nice", ["-n", "10", "go", "build", "-o", name, source], { cwd: folder, env });
}

export function pathOf({ folder, name }: GoProgram): string {
  const path = join(folder, name);
  if (!existsSync(path)) throw new Error(`${path} is not built: npm run test:ci-systems does it`);
  return path;
}

/** What a `probe.ts` says of tests that need these programs alone: whether they can be built, and that they are. */
export function probeOf(first: GoProgram, ...more: readonly GoProgram[]) {
  return {
    whyNot: () => whyNotBuilt(first),
    async provide(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
      for (const program of [first, ...more]) await build(program);
      return { env: {}, close: async () => {} };
    },
  };
}
