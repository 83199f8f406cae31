import type { LineHits } from "./result.ts";
import { attribute } from "./text.ts";

/** Lines that can be covered, and those of them that tests ran through. */
export interface Count {
  readonly covered: number;
  readonly lines: number;
}

/** All of them together. */
export function countHits(hits: LineHits): Count {
  const all = [...hits.values()].map(countLines);
  const sum = (of: keyof Count) => all.reduce((total, one) => total + one[of], 0);
  return { covered: sum("covered"), lines: sum("lines") };
}

function countLines(lines: ReadonlyMap<number, number>): Count {
  return { covered: [...lines.values()].filter((count) => count > 0).length, lines: lines.size };
}

/** In percent, never rounded up: 100% is only what has all lines. */
export function tellPercent({ covered, lines }: Count): string {
  return lines === 0 ? "of no lines" : `${(Math.floor((covered / lines) * 1000) / 10).toFixed(1)}%`;
}

const inOrder = <Key extends string | number, Value>(all: ReadonlyMap<Key, Value>) =>
  [...all].sort(([left], [right]) => (left < right ? -1 : Number(left > right)));

/** The lines in the form of lcov. */
export function writeLcov(hits: LineHits): string {
  const records = inOrder(hits).map(([path, lines]) => {
    const { covered, lines: count } = countLines(lines);
    const all = inOrder(lines).map(([line, times]) => `DA:${line},${times}\n`);
    return `TN:\nSF:${path}\n${all.join("")}LF:${count}\nLH:${covered}\nend_of_record\n`;
  });
  return records.join("");
}

/** The lines in the form of Cobertura. */
export function writeCobertura(hits: LineHits): string {
  const packages = new Map<string, Map<string, ReadonlyMap<number, number>>>();
  for (const [path, lines] of inOrder(hits)) {
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
    const files = packages.get(folder) ?? new Map<string, ReadonlyMap<number, number>>();
    packages.set(folder, files.set(path, lines));
  }
  const { covered, lines } = countHits(hits);
  const body = [...packages].map(([folder, files]) => {
    const classes = [...files].map(([path, ofFile]) => writeClass(path, ofFile));
    return `    <package${attribute("name", folder)}${rates(countHits(files))}>\n      <classes>\n${classes.join("")}      </classes>\n    </package>\n`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<coverage${rates({ covered, lines })} lines-covered="${covered}" lines-valid="${lines}" branches-covered="0" branches-valid="0" version="1" timestamp="0">`,
    "  <sources><source>.</source></sources>",
    `  <packages>\n${body.join("")}  </packages>`,
    "</coverage>\n",
  ].join("\n");
}

function writeClass(path: string, lines: ReadonlyMap<number, number>): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const all = inOrder(lines).map(([line, times]) => `            <line number="${line}" hits="${times}"/>\n`);
  return `        <class${attribute("name", name)}${attribute("filename", path)}${rates(countLines(lines))}>\n          <methods/>\n          <lines>\n${all.join("")}          </lines>\n        </class>\n`;
}

function rates({ covered, lines }: Count): string {
  return ` line-rate="${lines === 0 ? 1 : Number((covered / lines).toFixed(4))}" branch-rate="0" complexity="0"`;
}
