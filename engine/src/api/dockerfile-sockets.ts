import type { PlannedMount } from "../dockerfile/planned.ts";

const SOCKET_VARIABLE = "SSH_AUTH_SOCK";

/** Sockets for which the file names no place are numbered, as BuildKit does it. */
export function withSocketTargets(mounts: readonly PlannedMount[]): readonly PlannedMount[] {
  let next = 0;
  return mounts.map((mount) => {
    if (mount.type !== "ssh") return mount;
    const target = mount.target === "" ? `/run/buildkit/ssh_agent.${next}` : mount.target;
    next += 1;
    return { ...mount, target };
  });
}

/** Programs look for the first socket by a variable, also where it is not there. */
export function withSocketVariable(
  env: ReadonlyMap<string, string>,
  mounts: readonly PlannedMount[],
): readonly (readonly [string, string])[] {
  const first = mounts.find(({ type }) => type === "ssh");
  const pairs = [...env];
  if (first === undefined || pairs.some(([name]) => name === SOCKET_VARIABLE)) return pairs;
  return [...pairs, [SOCKET_VARIABLE, first.target]];
}
