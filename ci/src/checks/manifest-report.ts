import { markCode, tellAccount } from "../account.ts";
import type { Problem } from "../manifests/rules.ts";
import { alignColumns } from "../table.ts";

export interface CheckedRing {
  readonly ring: string;
  /** How many objects its manifests have. */
  readonly objects: number;
  /** How many rules it is held to. */
  readonly held: number;
  readonly problems: readonly Problem[];
}

/** The account of every problem, the same one in several rings told once; `undefined` when there is none. */
export function tellProblems(checked: readonly CheckedRing[], ofFolders: readonly string[]): string | undefined {
  const all = [...ofFolders, ...tellEach(checked, ({ isAdvice }) => isAdvice !== true)];
  if (all.length === 0) return undefined;
  const sum = `the manifests have ${all.length} ${all.length === 1 ? "problem" : "problems"}`;
  const advice = tellEach(checked, ({ isAdvice }) => isAdvice === true).length;
  return [
    markCode(sum, "bad-manifest"),
    ...all,
    ...(advice === 0 ? [] : [`${tellAdvice(advice)}: checked once these are solved`]),
  ].join("\n\n");
}

function tellEach(checked: readonly CheckedRing[], isMeant: (problem: Problem) => boolean): string[] {
  const ringsOf = new Map<string, { problem: Problem; rings: string[] }>();
  for (const { ring, problems } of checked) {
    for (const problem of problems.filter(isMeant)) {
      const key = JSON.stringify(problem);
      const known = ringsOf.get(key) ?? { problem, rings: [] };
      known.rings.push(ring);
      ringsOf.set(key, known);
    }
  }
  return [...ringsOf.values()].map(({ problem: { rule, object, path, what, todo }, rings }) =>
    tellAccount({ what: `${object} in ${rings.join(" and ")}: ${what} [${rule}]`, where: path, todo }),
  );
}

const tellAdvice = (count: number) => `${count} ${count === 1 ? "piece" : "pieces"} of advice`;

/** What a person reads when nothing hinders a deploy; what could be better is told first. */
export function reportManifests(checked: readonly CheckedRing[]): string {
  const advice = tellEach(checked, ({ isAdvice }) => isAdvice === true);
  const table = alignColumns([
    ["ring", "objects", "rules"],
    ...checked.map(({ ring, objects, held, problems }) => {
      const broken = new Set(problems.map(({ rule }) => rule)).size;
      return [ring, String(objects), broken === 0 ? `all ${held} hold` : `${held - broken} of ${held} hold`];
    }),
  ]);
  const count = checked.reduce((sum, { objects }) => sum + objects, 0);
  const rings = `${checked.length} ${checked.length === 1 ? "ring" : "rings"}`;
  const held = Math.min(...checked.map((ring) => ring.held - new Set(ring.problems.map(({ rule }) => rule)).size));
  const sum = [
    `${rings}, ${count} objects, ${held} rules hold`,
    ...(advice.length === 0 ? [] : [tellAdvice(advice.length)]),
  ];
  return `${[...advice.flatMap((one) => [one, ""]), ...table, "", sum.join(", ")].join("\n")}\n`;
}
