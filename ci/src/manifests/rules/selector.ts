import type { Selector } from "./shapes.ts";

/** As Kubernetes does it (LabelSelector): every condition has to hold. */
export function selects(
  { matchLabels, matchExpressions }: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const isThere = Object.hasOwn(labels, key);
      const isListed = isThere && values.includes(labels[key] ?? "");
      return { In: isListed, NotIn: !isListed, Exists: isThere, DoesNotExist: !isThere }[operator];
    })
  );
}

export function selectsEverything({ matchLabels, matchExpressions }: Selector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0;
}
