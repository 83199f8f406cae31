import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

interface Entry {
  readonly path: string;
  readonly type: "dir" | "file" | "link";
  readonly mode?: string;
  readonly contents?: string;
  readonly base64?: string;
  readonly target?: string;
}

/**
 * Writes the trees of fixtures.json below `folder`. They are kept in one file because they hold empty folders, modes, files
 * that a .gitignore names and a git repository. All modification times are 2020-01-01.
 */
export function writeFixtures(folder: string, file: string): void {
  const trees: Record<string, Entry[]> = JSON.parse(readFileSync(file, "utf8"));
  for (const [name, entries] of Object.entries(trees)) {
    const root = join(folder, name);
    mkdirSync(root, { recursive: true });
    for (const entry of entries) writeEntry(join(root, entry.path), entry);
    // Modes last and from the inside out: a folder may be one that nothing can be written into.
    for (const entry of [...entries].reverse()) {
      const mode = entry.mode ?? (entry.type === "dir" ? "755" : "644");
      if (entry.type !== "link") chmodSync(join(root, entry.path), Number.parseInt(mode, 8));
    }
    setTimes(root);
  }
}

function writeEntry(path: string, entry: Entry): void {
  mkdirSync(entry.type === "dir" ? path : dirname(path), { recursive: true });
  if (entry.type === "link") symlinkSync(entry.target ?? "", path);
  if (entry.type === "file") {
    writeFileSync(path, entry.base64 === undefined ? (entry.contents ?? "") : Buffer.from(entry.base64, "base64"));
  }
}

function setTimes(path: string): void {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return;
  if (status.isDirectory()) for (const name of readdirSync(path)) setTimes(join(path, name));
  const time = new Date("2020-01-01T00:00:00Z");
  utimesSync(path, time, time);
}
