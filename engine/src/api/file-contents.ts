import { isUtf8 } from "node:buffer";
import { chmodSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { writeFileInto } from "../store/edit.ts";
import { EMPTY } from "../store/snapshot.ts";
import { ApiError } from "./errors.ts";
import type { Graph } from "./graph.ts";
import { changeTree, placeIn } from "./trees.ts";
import type { FileValue } from "./values.ts";

/** In bytes. */
const LONGEST_NAME = 255;

/** @throws ApiError for a name that is a path */
export function checkedName(name: string): string {
  if (name.includes("/")) throw new ApiError(`file name ${JSON.stringify(name)} must not contain a directory`);
  return name;
}

/** A file that is alone in its snapshot. */
export async function newFile(
  graph: Graph,
  given: string,
  contents: string | Buffer,
  mode: number,
): Promise<FileValue> {
  const name = checkedName(given);
  const key = ["file", name, mode, typeof contents === "string" ? contents : contents.toString("base64")];
  const made = await changeTree(graph, { snapshot: EMPTY, path: "/" }, key, (root) =>
    writeFileInto(root, `/${name}`, contents, mode),
  );
  return { ...made, path: `/${name}` };
}

/**
 * A file that lies in this process's scratch, without reading it.
 *
 * @param file what its bytes are known by, and how it is called
 */
export async function takeFile(
  graph: Graph,
  file: { readonly name: string; readonly digest: string; readonly mode: number },
  path: string,
): Promise<FileValue> {
  const name = checkedName(file.name);
  const key = ["taken file", name, file.mode, file.digest];
  const made = await changeTree(graph, { snapshot: EMPTY, path: "/" }, key, (root) => {
    if (Buffer.byteLength(name) > LONGEST_NAME)
      throw new Error("File name length exceeds the maximum supported 255 characters");
    // The folder is new and nobody else's.
    renameSync(path, join(root, name));
    chmodSync(join(root, name), file.mode & 0o777);
  });
  return { ...made, path: `/${name}` };
}

/** The text of a file. */
export async function readText(graph: Graph, file: FileValue): Promise<string> {
  return decodeText(readFileSync(await placeIn(graph, file, ".")));
}

/** UTF-8 as Go's JSON encoder shows it: each byte that belongs to no character becomes a U+FFFD of its own. */
export function decodeText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let decoded = "";
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    decoded += `${bytes.toString("utf8", start, at)}\ufffd`;
    at += 1;
    start = at;
  }
  return decoded + bytes.toString("utf8", start);
}

/** Bytes of the character that begins there; 0 when none does. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  return length > 0 && isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length ? length : 0;
}
