import { GATES, type Gate } from "./gates.ts";

interface Count {
  readonly total: number;
  readonly covered: number;
}

/** Counts of one file, as `c8 report --reporter=json-summary` writes them. */
export interface FileCounts {
  readonly lines: Count;
  readonly branches: Count;
}

/** What the tests ran through of one room. */
export interface RoomCoverage {
  readonly room: string;
  readonly files: number;
  /** In percent; 100 where there is nothing to run through. */
  readonly lines: number;
  readonly branches: number;
}

/** Adds files up to their rooms: the folders below `ci/src` and `engine/src`, each service, and files beside them. */
export function sumRooms(files: Readonly<Record<string, FileCounts>>): RoomCoverage[] {
  const rooms = new Map<string, FileCounts[]>();
  for (const [path, counts] of Object.entries(files)) {
    const room = roomOf(path);
    rooms.set(room, [...(rooms.get(room) ?? []), counts]);
  }
  return [...rooms]
    .map(([room, counts]) => ({
      room,
      files: counts.length,
      lines: percentOf(counts.map(({ lines }) => lines)),
      branches: percentOf(counts.map(({ branches }) => branches)),
    }))
    .sort((left, right) => left.room.localeCompare(right.room));
}

/** What is below its gate, one line for each room and measure; a gate of no room, and a room without a gate, are said too. */
export function judgeRooms(rooms: readonly RoomCoverage[], gates: Readonly<Record<string, Gate>> = GATES): string[] {
  const gateless = rooms.filter(({ room }) => gates[room] === undefined).map(({ room }) => `${room}: has no gate`);
  const roomless = Object.keys(gates)
    .filter((room) => !rooms.some((one) => one.room === room))
    .map((room) => `${room}: there is no such room`);
  const low = rooms.flatMap(({ room, ...measured }) =>
    (["lines", "branches"] as const).flatMap((measure) => {
      const gate = gates[room]?.[measure] ?? 0;
      return measured[measure] < gate ? [`${room}: ${measured[measure]} % of ${measure}, expected ${gate} %`] : [];
    }),
  );
  return [...gateless, ...roomless, ...low];
}

function roomOf(path: string): string {
  const [top = "", second = "", third = ""] = path.split("/");
  if (top === "services") return `${top}/${second}`;
  return third.endsWith(".ts") ? `${top}/${second}` : `${top}/${second}/${third}`;
}

/** Rounded down to a tenth, so that what is shown is never more than what is there. */
function percentOf(counts: readonly Count[]): number {
  const total = counts.reduce((sum, count) => sum + count.total, 0);
  const covered = counts.reduce((sum, count) => sum + count.covered, 0);
  return total === 0 ? 100 : Math.floor((covered / total) * 1000) / 10;
}
