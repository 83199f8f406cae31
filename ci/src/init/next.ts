import type { Settings } from "../config/settings.ts";
import { alignColumns } from "../table.ts";

/** The commands that come next in a repository that is as Slipway wants it, with what each does there. */
export function tellNext(settings: Settings): string {
  const rows = [...nextOfChecks(settings), ...nextOfServices(settings), LAST];
  return ["Next", ...alignColumns(rows).map((line) => `  ${line}`)].join("\n");
}

const LAST = ["slipway doctor", "says what is missing on the way to a deploy"];

function nextOfChecks({ checks, rings }: Settings): string[][] {
  const names = [
    ...Object.keys(checks),
    ...(Object.keys(rings).length === 0 || "manifests" in checks ? [] : ["manifests"]),
  ];
  return names.length === 0 ? [] : [["slipway call test", `runs ${names.join(", ")}`]];
}

function nextOfServices({ services, front }: Settings): string[][] {
  const names = Object.keys(services);
  if (names.length === 0) return [];
  const places = Object.values(front).map((port) => `http://localhost:${port}`);
  return [
    ["slipway call build", `makes the ${names.length === 1 ? "image" : "images"} of ${names.join(", ")}`],
    ...(places.length === 0 ? [] : [["slipway call stack up", `starts everything: ${places.join(", ")}`]]),
  ];
}
