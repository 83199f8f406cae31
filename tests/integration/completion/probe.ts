import { spawnSync } from "node:child_process";
import { installDebianPackages } from "../../support/debian-packages.ts";

/** Shells that the tests type into, and what they type with; each with its Debian package. */
const PROGRAMS = { bash: "bash", zsh: "zsh", fish: "fish", script: "bsdutils" };

function listMissing(): string[] {
  return Object.entries(PROGRAMS).flatMap(([program, name]) =>
    spawnSync("sh", ["-c", `command -v ${program}`]).status === 0 ? [] : [name],
  );
}

/** The shells are the suite's own: as root it brings them itself. */
export function whyNot(): string | undefined {
  const missing = listMissing();
  if (missing.length === 0 || process.getuid?.() === 0) return undefined;
  return `these Debian packages are missing: ${missing.join(", ")}; as root the suite installs them`;
}

export async function provide(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const missing = listMissing();
  if (missing.length > 0) await installDebianPackages(missing);
  return { env: {}, close: async () => {} };
}
