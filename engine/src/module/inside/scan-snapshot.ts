/**
 * Becomes a snapshot of Node: the introspector when it has read a small module, so with its own code compiled and the
 * declarations of the language and of the SDK parsed and bound. That is most of what reading a module takes.
 *
 *     node --snapshot-blob FILE --build-snapshot scan-snapshot.cjs BUNDLES     makes it; BUNDLES becomes ENGINE_DIR later
 *     node --snapshot-blob FILE scan MODULE_NAME FILE...                       does what `scan.cjs` does
 */
import { join } from "node:path";
import { startupSnapshot } from "node:v8";
import ts from "typescript";
import { CLIENT_FILE, ENGINE_DIR, SAMPLE_FILE } from "../paths-inside.ts";
import { printTypes, readTypes } from "./read-types.ts";

const { sys } = ts;
const { readFile, fileExists, directoryExists, getDirectories, realpath = (path: string) => path } = sys;
const bundles = process.argv[2] ?? "";

/** Where a file of the container lies while the snapshot is made. */
const now = (path: string): string =>
  path.startsWith(ENGINE_DIR) ? join(bundles, path.slice(ENGINE_DIR.length)) : path;
const later = (path: string): string =>
  path.startsWith(bundles) ? join(ENGINE_DIR, path.slice(bundles.length)) : path;

sys.getExecutingFilePath = () => `${ENGINE_DIR}/scan/scan.cjs`;
sys.getCurrentDirectory = () => process.cwd();
Object.assign(sys, {
  readFile: (path: string, encoding?: string) => readFile(now(path), encoding),
  fileExists: (path: string) => fileExists(now(path)),
  directoryExists: (path: string) => directoryExists(now(path)),
  getDirectories: (path: string) => getDirectories(now(path)),
  realpath: (path: string) => later(realpath(now(path))),
});
void readTypes("sample", [SAMPLE_FILE, CLIENT_FILE]).then(() => {
  Object.assign(sys, { readFile, fileExists, directoryExists, getDirectories, realpath });
  startupSnapshot.setDeserializeMainFunction(() => void printTypes());
});
