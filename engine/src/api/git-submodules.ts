import { existsSync } from "node:fs";
import { join } from "node:path";
import { isInsideHost } from "../store/destinations.ts";
import { gitHost, submoduleProtocols } from "../store/git-submodule-places.ts";
import { ApiError } from "./errors.ts";
import { askGit, type GitAccess } from "./git-refs.ts";
import type { Graph } from "./graph.ts";
import { sessionOf } from "./session.ts";

const UPDATE = ["submodule", "--quiet", "update", "--init", "--recursive"];

/**
 * Brings the submodules of a commit that is checked out, and theirs. Where they lie is what the repository says, so it is asked from a
 * place in the session's network; a repository of this machine alone may have them beside it.
 *
 * @throws ApiError with the words of git
 */
export async function bringSubmodules(graph: Graph, folder: string, access: GitAccess): Promise<void> {
  if (!existsSync(join(folder, ".gitmodules"))) return;
  const asking = forSubmodules(graph, access);
  // What they say relatively is meant from the repository's own address.
  const origin = access.as === "nobody" ? [] : ["-c", `remote.origin.url=${access.address}`];
  const shallow = await askGit(graph, asking, folder, [...origin, ...UPDATE, "--depth=1"]);
  if (shallow.exitCode === 0) return;
  // Files on a web server know no depth.
  const isUnknown = /does not support shallow/.test(shallow.stderr);
  const result = isUnknown ? await askGit(graph, asking, folder, [...origin, ...UPDATE]) : shallow;
  if (result.exitCode !== 0) throw new ApiError(`failed to update submodules: git error: ${result.stderr.trim()}`);
}

function forSubmodules(graph: Graph, access: GitAccess): GitAccess {
  const isContainer = sessionOf(graph).host.isContainer === true;
  const isHere = access.as === "person" && isInsideHost(gitHost(access.address));
  // A function has no keys of the person's.
  const protocols = submoduleProtocols(access.address, !isContainer);
  const as = isContainer ? "container" : isHere ? "person" : "person outside";
  return { ...access, as, env: { ...access.env, GIT_ALLOW_PROTOCOL: protocols } };
}
