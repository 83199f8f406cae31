import { markCode, tellAccount } from "../account.ts";
import { type Problem, ruleNames } from "../manifests/rules.ts";
import { alignColumns } from "../table.ts";

export interface CheckedRing {
  readonly ring: string;
  /** How many objects its manifests have. */
  readonly objects: number;
  readonly problems: readonly Problem[];
}

/** Folders beside those of the rings: what rings have in common, and what an administrator applies once. */
const otherFolders: readonly string[] = ["base", "setup"];

/** Rings that slipway.yaml names and that have a folder; and an account of each ring and folder without the other. */
export function compareFolders(
  rings: readonly string[],
  folders: readonly string[],
): { readonly both: string[]; readonly problems: string[] } {
  const withoutFolder = rings
    .filter((ring) => !folders.includes(ring))
    .map((ring) =>
      tellAccount({
        what: `ring ${ring} has no manifests`,
        where: `rings.${ring} of slipway.yaml`,
        todo: `add manifests/${ring}/kustomization.yaml, or take the ring out`,
      }),
    );
  const withoutRing = folders
    .filter((folder) => !otherFolders.includes(folder) && !rings.includes(folder))
    .map((folder) =>
      tellAccount({
        what: `there is no ring ${folder}`,
        where: `manifests/${folder}`,
        todo: `name it under rings in slipway.yaml, or put what rings have in common into ${otherFolders[0]}`,
      }),
    );
  return { both: rings.filter((ring) => folders.includes(ring)), problems: [...withoutFolder, ...withoutRing] };
}

/** The account of every problem, the same one in several rings told once; `undefined` when there is none. */
export function tellProblems(checked: readonly CheckedRing[], ofFolders: readonly string[]): string | undefined {
  const ringsOf = new Map<string, { problem: Problem; rings: string[] }>();
  for (const { ring, problems } of checked) {
    for (const problem of problems) {
      const key = JSON.stringify(problem);
      const known = ringsOf.get(key) ?? { problem, rings: [] };
      known.rings.push(ring);
      ringsOf.set(key, known);
    }
  }
  const accounts = [...ringsOf.values()].map(({ problem: { rule, object, path, what, todo }, rings }) =>
    tellAccount({ what: `${object} in ${rings.join(" and ")}: ${what} [${rule}]`, where: path, todo }),
  );
  const all = [...ofFolders, ...accounts];
  if (all.length === 0) return undefined;
  const sum = `the manifests have ${all.length} ${all.length === 1 ? "problem" : "problems"}`;
  return [markCode(sum, "bad-manifest"), ...all].join("\n\n");
}

/** What a person reads when all is well. */
export function reportManifests(checked: readonly CheckedRing[]): string {
  const table = alignColumns([
    ["ring", "objects", "rules"],
    ...checked.map(({ ring, objects }) => [ring, String(objects), `all ${ruleNames.length} hold`]),
  ]);
  const count = checked.reduce((sum, { objects }) => sum + objects, 0);
  const rings = `${checked.length} ${checked.length === 1 ? "ring" : "rings"}`;
  return `${[...table, "", `${rings}, ${count} objects, ${ruleNames.length} rules hold`].join("\n")}\n`;
}
