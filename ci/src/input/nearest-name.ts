import { showName } from "./shown.ts";

/** The one of the choices that was perhaps meant: the nearest one, when it is near, or the only one that begins so. */
function findNearest(name: string, choices: readonly string[]): string | undefined {
  const lower = name.slice(0, 100).toLowerCase();
  const allowed = Math.max(1, Math.floor(lower.length / 3));
  const [nearest] = choices
    .map((choice) => ({ choice, distance: countEdits(lower, choice.toLowerCase()) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((left, right) => left.distance - right.distance);
  if (nearest !== undefined || lower.length < LEAST_BEGINNING) return nearest?.choice;
  const [longer, ...others] = choices.filter((choice) => choice.toLowerCase().startsWith(lower));
  return others.length === 0 ? longer : undefined;
}

/** Fewer letters are the beginning of too many words. */
const LEAST_BEGINNING = 3;

/** How many letters have to be put in, left out, changed or swapped with their neighbour. */
function countEdits(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let at = 1; at <= from.length; at += 1) {
    const [above = [], twoAbove = []] = [rows[at - 1], rows[at - 2]];
    const row = [at];
    for (let index = 1; index <= to.length; index += 1) {
      const changed = (above[index - 1] ?? 0) + (from[at - 1] === to[index - 1] ? 0 : 1);
      const isSwapped = at > 1 && index > 1 && from[at - 1] === to[index - 2] && from[at - 2] === to[index - 1];
      const swapped = isSwapped ? (twoAbove[index - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(changed, swapped, (above[index] ?? 0) + 1, (row[index - 1] ?? 0) + 1));
    }
    rows.push(row);
  }
  return rows.at(-1)?.at(-1) ?? 0;
}

/** `there is no service injest; expected one of kafka, ingest; perhaps ingest was meant` */
export function tellUnknown(what: string, name: string, choices: readonly string[]): string {
  return `there is no ${what} ${showName(name)}; ${choices.length === 0 ? "none is defined" : tellChoices(name, choices)}`;
}

/** `; perhaps services/api was meant`, or nothing when none of the choices is near. */
export function tellNearest(name: string, choices: readonly string[]): string {
  const nearest = findNearest(name, choices);
  return nearest === undefined ? "" : `; perhaps ${showName(nearest)} was meant`;
}

/** What may stand where `name` does: `expected one of kafka, ingest; perhaps ingest was meant`. */
export function tellChoices(name: string, choices: readonly string[]): string {
  return `expected one of ${choices.map(showName).join(", ")}${tellNearest(name, choices)}`;
}
