import type { Settings } from "../config/settings.ts";
import { alignColumns } from "../table.ts";

/**
 * The commands that come next in a repository that is as Slipway wants it, with what each does there.
 *
 * @param module what stands behind `slipway call` where dagger.json is another module
 */
export function tellNext(settings: Settings, module?: string): string {
  const found = [...nextOfChecks(settings), ...nextOfServices(settings)];
  const call = module === undefined ? "slipway call" : `slipway call ${module}`;
  const rows = [...found.map(([verb, what]) => [`${call} ${verb}`, what ?? ""]), LAST];
  return ["Next", ...alignColumns(rows).map((line) => `  ${line}`)].join("\n");
}

const LAST = ["slipway doctor", "says what is missing on the way to a deploy"];

function nextOfChecks({ checks, rings }: Settings): string[][] {
  const names = [
    ...Object.keys(checks),
    ...(Object.keys(rings).length === 0 || "manifests" in checks ? [] : ["manifests"]),
  ];
  return names.length === 0 ? [] : [["test", `runs ${names.join(", ")}`]];
}

function nextOfServices({ services, front }: Settings): string[][] {
  const names = Object.keys(services);
  if (names.length === 0) return [];
  const places = Object.values(front).map((port) => `http://localhost:${port}`);
  return [
    ["build", `makes the ${names.length === 1 ? "image" : "images"} of ${names.join(", ")}`],
    ...(places.length === 0 ? [] : [["stack up", `starts everything: ${places.join(", ")}`]]),
  ];
}
