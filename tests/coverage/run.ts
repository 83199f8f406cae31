/**
 * Says what tests ran through of each room, and fails where that is below the room's gate (`gates.ts`).
 *
 *     node --import tsx tests/coverage/run.ts         the unit tests, after `npm run test:unit`
 *     node --import tsx tests/coverage/run.ts whole   these and the integration tests, after `npm run coverage`
 */
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { GATES, WHOLE_GATES } from "./gates.ts";
import { type FileCounts, judgeRooms, sumRooms } from "./judge-rooms.ts";
import { WHOLE } from "./whole.ts";

const isWhole = process.argv[2] === "whole";
const gates = isWhole ? WHOLE_GATES : GATES;
const path = `${isWhole ? WHOLE : "coverage"}/coverage-summary.json`;
const summary = JSON.parse(readFileSync(path, "utf8")) as Record<string, FileCounts>;
const files = Object.entries(summary)
  .map(([file, counts]): [string, FileCounts] => [relative(process.cwd(), resolve(file)), counts])
  // Besides sources it counts the whole, and parts of the bundle that have none of ours.
  .filter(([file]) => /^(?:ci|engine|services)\/.+\.ts$/.test(file));
const rooms = sumRooms(Object.fromEntries(files));
for (const { room, files: count, lines, branches } of rooms) {
  const gate = gates[room];
  const asked = gate === undefined ? "" : `  (${gate.lines} % and ${gate.branches} % asked)`;
  console.log(
    `${room.padEnd(28)}${String(count).padStart(4)} files  ${lines} % of lines, ${branches} % of branches${asked}`,
  );
}
const problems = judgeRooms(rooms, gates);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
