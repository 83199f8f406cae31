import { PARTS, type Part } from "./table.ts";

const BEGIN = "<!-- The rest of this section is printed from tests/arrows/table.ts: npm run arrows. -->";
const END = "<!-- Here the printed part ends. -->";

/** The page with its printed part as the table says it. @throws Error when the page has no place for it */
export function printInto(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`the page has no place for the arrows: ${BEGIN} … ${END}`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${PARTS.map(printPart).join("\n\n")}\n\n${page.slice(end)}`;
}

function printPart(part: Part): string {
  const rows = Object.entries(part.rooms).map(
    ([name, { holds, imports }]) => `| \`${name}\` | ${holds} | ${[...imports].sort().join(", ") || "nothing"} |`,
  );
  return [
    `### ${part.title}: \`${part.folder}/\``,
    "",
    "```mermaid",
    "flowchart TD",
    ...listDrawn(part).map(([from, to]) => `  ${from} --> ${to}`),
    "```",
    "",
    "| Room | Holds | Imports |",
    "|---|---|---|",
    ...rows,
  ].join("\n");
}

/** The arrows of the picture: those that say nothing new, because there is a longer way as well, are left out. */
export function listDrawn({ rooms }: Part): (readonly [from: string, to: string])[] {
  const importsOf = (room: string) => rooms[room]?.imports ?? [];
  const reaches = (from: string, to: string): boolean =>
    importsOf(from).some((next) => next === to || reaches(next, to));
  return Object.keys(rooms).flatMap((from) =>
    importsOf(from)
      .filter((to) => !importsOf(from).some((other) => other !== to && reaches(other, to)))
      .map((to) => [from, to] as const),
  );
}
