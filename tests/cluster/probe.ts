import { findMissingPrograms, type Half } from "./tools.ts";

/** Suites that need no node. */
const apiOnly: readonly string[] = ["api-semantics", "kubectl-contract", "manifests"];

/** Suites that no other cluster can run, by what they do with their own. */
const own: ReadonlyMap<string, string> = new Map([
  ["removal", "end"],
  ["token", "give another configuration"],
]);

/** Why a suite of this folder cannot run on this machine; `undefined` when it can. */
export function whyNot(suite: string): string | undefined {
  if ((process.env["SLIPWAY_TEST_KUBECONFIG"] ?? "") !== "") {
    const ofOwnCluster = own.get(suite);
    return ofOwnCluster === undefined
      ? undefined
      : `SLIPWAY_TEST_KUBECONFIG is set, and that cluster is not ours to ${ofOwnCluster}`;
  }
  const half: Half = apiOnly.includes(suite) ? "control-plane" : "node";
  const isRoot = process.getuid?.() === 0;
  if (half === "node" && !isRoot) return "a node needs root";
  const missing = findMissingPrograms(half);
  return missing.length === 0 ? undefined : `missing, and cannot be installed here: ${missing.join(", ")}`;
}
