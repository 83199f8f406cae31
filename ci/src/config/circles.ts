import { about, type Problem } from "../input/problems.ts";
import { showName } from "../input/shown.ts";

/** The problem that names lead back to themselves, told once with the way of one circle; none when they do not. */
export function listCircle(section: string, text: string, needs: ReadonlyMap<string, readonly string[]>): Problem[] {
  const circle = findCircle(needs);
  return circle === undefined ? [] : [about([section], `${text}: ${circle.map(showName).join(" -> ")}`)];
}

/** The names along one circle of needs, the first one again at the end; `undefined` when there is none. */
function findCircle(needs: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (at: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at];
    if (done.has(at)) return undefined;
    for (const next of needs.get(at) ?? []) {
      const circle = walk(next, [...path, at]);
      if (circle !== undefined) return circle;
    }
    done.add(at);
    return undefined;
  };
  for (const start of needs.keys()) {
    const circle = walk(start, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
