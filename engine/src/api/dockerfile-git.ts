import { ApiError } from "./errors.ts";
import type { Graph, Obj } from "./graph.ts";

/** What the address of a repository says besides where it is. */
interface GitAddress {
  readonly url: string;
  readonly ref: string;
  readonly subdir: string;
}

/**
 * The files of a repository that ADD names: `URL#ref:subdir`, or `?ref=…&subdir=…` (also `branch`, `tag`, `commit`).
 *
 * @throws ApiError for anything else behind the question mark
 */
export function gitTree(graph: Graph, address: string, keepGitDir: boolean): Obj {
  const { url, ref, subdir } = parseAddress(address);
  const parent = graph.object("GitRepository", { parent: graph.root, field: "git", args: { url } });
  const found =
    ref === ""
      ? graph.object("GitRef", { parent, field: "head", args: {} })
      : graph.object("GitRef", { parent, field: "ref", args: { name: ref } });
  const args = { discardGitDir: !keepGitDir, depth: 1 };
  const tree = graph.object("Directory", { parent: found, field: "tree", args });
  return subdir === "" ? tree : graph.object("Directory", { parent: tree, field: "directory", args: { path: subdir } });
}

const REF_NAMES = ["ref", "branch", "tag", "commit"];

function parseAddress(address: string): GitAddress {
  const [before = "", fragment = ""] = splitAt(address, "#");
  const [url = "", query = ""] = splitAt(before, "?");
  const [fragmentRef = "", fragmentDir = ""] = splitAt(fragment, ":");
  let ref = fragmentRef;
  let subdir = fragmentDir;
  for (const [name, value] of new URLSearchParams(query)) {
    if (REF_NAMES.includes(name)) ref = value;
    else if (name === "subdir") subdir = value;
    else throw new ApiError(`unexpected query ${JSON.stringify(name)} in the address of a repository: ${address}`);
  }
  return { url, ref, subdir };
}

function splitAt(text: string, sign: string): readonly [string, string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
