import { findMissingPrograms, type Half } from "./tools.ts";

/** Suites that need no node. */
const apiOnly: readonly string[] = ["api-semantics", "kubectl-contract", "manifests"];

/** Why a suite of this folder cannot run on this machine; `undefined` when it can. */
export function whyNot(suite: string): string | undefined {
  if ((process.env["SLIPWAY_TEST_KUBECONFIG"] ?? "") !== "") {
    return suite === "removal" ? "SLIPWAY_TEST_KUBECONFIG is set, and that cluster is not ours to end" : undefined;
  }
  const half: Half = apiOnly.includes(suite) ? "control-plane" : "node";
  const isRoot = process.getuid?.() === 0;
  if (half === "node" && !isRoot) return "a node needs root";
  const missing = findMissingPrograms(half);
  return missing.length === 0 ? undefined : `missing, and cannot be installed here: ${missing.join(", ")}`;
}
