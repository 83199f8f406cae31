import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isInsideHost } from "../store/destinations.ts";
import { outsideOnly } from "../store/git-redirects.ts";
import { type GitResult, runGitSync } from "../store/git-run.ts";
import { gitHost, submoduleProtocols, webForm } from "../store/git-submodule-places.ts";
import { ModuleProblem } from "./config.ts";

/**
 * Brings the submodules of a module's repository that is checked out, and theirs. Where they lie is what the repository says: an address
 * that only this machine reaches is asked for no repository of somewhere else.
 *
 * @param origin what submodules that are named relatively start from
 * @throws ModuleProblem
 */
export function bringSubmodules(tree: string, origin: string): void {
  if (!existsSync(join(tree, ".gitmodules"))) return;
  gitIn(tree, origin, ["-c", `remote.origin.url=${origin}`, "submodule", "--quiet", "init"]);
  for (const { path, url } of submodulesOf(tree, origin)) {
    const pins = optionsFor(path, url, origin);
    const update = (...depth: string[]) => [...pins, "submodule", "--quiet", "update", ...depth, "--", path];
    const shallow = askIn(tree, origin, update("--depth=1"));
    // Files on a web server know no depth.
    if (shallow.exitCode !== 0) gitIn(tree, origin, update());
    bringSubmodules(join(tree, path), url);
    // What is left names a folder that is about to go, and would make the submodule look like the top of a repository.
    rmSync(join(tree, path, ".git"), { force: true });
  }
}

interface Submodule {
  readonly path: string;
  readonly url: string;
}

function submodulesOf(tree: string, origin: string): readonly Submodule[] {
  const settings = (from: readonly string[], key: string) => {
    const asked = askIn(tree, origin, ["config", "--null", ...from, "--get-regexp", `^submodule\\..*\\.${key}$`]);
    const pairs = asked.stdout
      .toString("utf8")
      .split("\0")
      .filter((pair) => pair !== "");
    return new Map(
      pairs.map((pair): [string, string] => {
        const end = pair.indexOf("\n");
        return [pair.slice("submodule.".length, end - key.length - 1), pair.slice(end + 1)];
      }),
    );
  };
  const urls = settings(["--local"], "url");
  const paths = settings(["--file", ".gitmodules"], "path");
  return [...paths].flatMap(([name, path]) => {
    const url = urls.get(name);
    return url === undefined ? [] : [{ path, url }];
  });
}

/** @throws ModuleProblem for a place that the repository may not lead to */
function optionsFor(path: string, url: string, origin: string): readonly string[] {
  if (isInsideHost(gitHost(origin))) return [];
  if (/^\.{0,2}\//.test(url) || url.startsWith("file:")) {
    throw new ModuleProblem(`submodule ${JSON.stringify(path)} of ${origin} is a path of this machine: ${url}`);
  }
  if (!URL.canParse(webForm(url))) return [];
  if (isInsideHost(gitHost(url))) {
    throw new ModuleProblem(
      `submodule ${JSON.stringify(path)} of ${origin} leads to ${url}, an address that only this machine reaches: it was not asked`,
    );
  }
  try {
    return outsideOnly(origin, new URL(webForm(url)), !/^(https?|git):/i.test(url));
  } catch (error) {
    throw new ModuleProblem(`submodule ${JSON.stringify(path)}: ${(error as Error).message}`);
  }
}

function askIn(tree: string, origin: string, args: readonly string[]): GitResult {
  return runGitSync(tree, ["-c", "http.followRedirects=false", ...args], {
    asPerson: true,
    env: { GIT_ALLOW_PROTOCOL: submoduleProtocols(origin, true) },
  });
}

function gitIn(tree: string, origin: string, args: readonly string[]): void {
  const { exitCode, stderr } = askIn(tree, origin, args);
  if (exitCode === 0) return;
  throw new ModuleProblem(`failed to update submodules: git error: ${stderr.trim() || `exit status ${exitCode}`}`);
}
