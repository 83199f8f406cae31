/**
 * Says what the unit tests ran through of each room, and fails where that is below the room's gate (`gates.ts`).
 *
 *     node --import tsx tests/coverage/run.ts     after `npm run test:unit`, which leaves coverage/coverage-summary.json
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { GATES } from "./gates.ts";
import { type FileCounts, judgeRooms, sumRooms } from "./judge-rooms.ts";

const summary = JSON.parse(readFileSync("coverage/coverage-summary.json", "utf8")) as Record<string, FileCounts>;
const files = Object.entries(summary)
  .filter(([path]) => path !== "total")
  .map(([path, counts]): [string, FileCounts] => [relative(process.cwd(), path), counts]);
const rooms = sumRooms(Object.fromEntries(files));
for (const { room, files: count, lines, branches } of rooms) {
  const gate = GATES[room];
  const asked = gate === undefined ? "" : `  (${gate.lines} % and ${gate.branches} % asked)`;
  console.log(
    `${room.padEnd(28)}${String(count).padStart(4)} files  ${lines} % of lines, ${branches} % of branches${asked}`,
  );
}
const problems = judgeRooms(rooms);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
