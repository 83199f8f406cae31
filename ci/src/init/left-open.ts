import { isMap, parseDocument, stringify } from "yaml";
import { environmentOf } from "../config/environment.ts";
import type { ServiceSettings, Settings } from "../config/settings.ts";
import { EXAMPLES, type Outline, pathIn } from "../repository/outline.ts";

/** Something about a service that nothing in the repository says for certain. */
export interface LeftOpen {
  /** For a person who looks at what is found. */
  readonly told: string;
  /** Lines for slipway.yaml from which only the "#" has to be taken away. */
  readonly lines: readonly string[];
}

/** What Slipway says itself, or the image. */
const SAID = ["PORT", "HOST", "NODE_ENV"];

/** By service: what a person may have to say. A port that was not found, and variables that only an example shows. */
export function findLeftOpen(outline: Outline, settings: Settings): ReadonlyMap<string, readonly LeftOpen[]> {
  return new Map(
    Object.entries(settings.services).map(([name, service]) => [
      name,
      [...openPort(service), ...openVariables(outline, service, settings)],
    ]),
  );
}

/** A slipway.yaml with what is left open as comments behind each service. */
export function addOpenLines(text: string, open: ReadonlyMap<string, readonly LeftOpen[]>): string {
  const document = parseDocument(text);
  for (const [name, list] of open) {
    const node = document.getIn(["services", name], true);
    const lines = list.flatMap((one) => one.lines);
    if (isMap(node) && lines.length > 0) node.comment = lines.map((line) => ` ${line}`).join("\n");
  }
  return document.toString({ lineWidth: 0 });
}

function openPort({ kind, port, path }: ServiceSettings): LeftOpen[] {
  if (kind !== "worker" || port !== undefined) return [];
  return [
    {
      told: `nothing in ${path === "." ? "the repository" : path} says at which port it listens, so it is a worker; if it listens, give port in slipway.yaml`,
      lines: ["No port was found. If it listens, write its port instead of kind: worker", "port: 8080"],
    },
  ];
}

function openVariables(outline: Outline, service: ServiceSettings, settings: Settings): LeftOpen[] {
  const from = [service.path, "."]
    .flatMap((folder) => EXAMPLES.map((name) => pathIn(folder, name)))
    .find((file) => outline.files.has(file));
  if (from === undefined) return [];
  const known = new Set([...SAID, ...Object.keys(environmentOf(service, settings))]);
  const open = Object.entries(readExample(outline.text(from) ?? "")).filter(([name]) => !known.has(name));
  if (open.length === 0) return [];
  return [
    {
      told: `${from} names ${open.map(([name]) => name).join(", ")}: slipway.yaml has them as comments, for env`,
      lines: [
        `What ${from} names and nothing else says:`,
        ...stringify({ env: Object.fromEntries(open) }, { lineWidth: 0 })
          .trimEnd()
          .split("\n"),
      ],
    },
  ];
}

/** `NAME=value`, with or without `export` and quotes; a comment behind a value is none of it. */
function readExample(text: string): Record<string, string> {
  const lines = text.matchAll(
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\n]*))/gm,
  );
  return Object.fromEntries(
    [...lines].map(([, name = "", double, single, plain]) => [
      name,
      double ?? single ?? (plain ?? "").replace(/(?:^|\s)#.*$/, "").trim(),
    ]),
  );
}
