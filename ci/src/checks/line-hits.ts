import { elementsAt, readXml, type XmlElement } from "../input/xml.ts";
import { type Count, countHits } from "../outcomes/covered.ts";
import type { Paths } from "../outcomes/paths.ts";
import type { LineHits } from "../outcomes/result.ts";
import { Unreadable } from "./unreadable.ts";

/** Where in a file of coverage: the path as its tool has written it, the number of a line, how often tests ran through it. */
type Hit = readonly [file: string, line: number, hits: number];

/** Readers of lines that have been read for their sums already: what is no coverage at all has been refused there. */
export const HITS = {
  lcov: (text: string, paths: Paths) => collect(hitsOfLcov(text), (file) => paths.find(file)),
  cobertura: (text: string, paths: Paths) => hitsOfCobertura(readXml(text), paths),
  jacoco: (text: string, paths: Paths) => collect(hitsOfJacoco(readXml(text)), (file) => paths.find(file)),
  coverprofile: (text: string, paths: Paths) => collect(hitsOfGo(text), (file) => findOfModule(file, paths)),
};

/** Lines of files that the repository has. What one line was hit by several times counts once, at its most. */
function collect(hits: Iterable<Hit>, find: (file: string) => string | undefined): LineHits {
  const all = new Map<string, Map<number, number>>();
  const found = new Map<string, string | undefined>();
  for (const [file, line, count] of hits) {
    if (!found.has(file)) found.set(file, find(file));
    const path = found.get(file);
    if (path === undefined || !Number.isSafeInteger(line) || line < 1) continue;
    const lines = all.get(path) ?? new Map<number, number>();
    lines.set(line, Math.max(lines.get(line) ?? 0, Number.isFinite(count) ? Math.max(0, count) : 0));
    all.set(path, lines);
  }
  return all;
}

/** What several files say together. */
export function mergeHits(all: readonly LineHits[]): LineHits {
  const each = all.flatMap((one) =>
    [...one].flatMap(([file, lines]) => [...lines].map(([line, hits]): Hit => [file, line, hits])),
  );
  return collect(each, (file) => file);
}

function* hitsOfLcov(text: string): Generator<Hit> {
  let file = "";
  for (const [, source, line, hits] of text.matchAll(/^(?:SF:(.+)|DA:(\d+),(\d+)).*$/gm)) {
    if (source !== undefined) file = source.trim();
    else yield [file, Number(line), Number(hits)];
  }
}

function hitsOfCobertura(top: XmlElement, paths: Paths): LineHits {
  const bases = elementsAt(top, "sources/source").map(({ text }) => text);
  const classes = elementsAt(top, "packages/package/classes/class");
  const hits = classes.flatMap((one) =>
    elementsAt(one, "lines/line").map(
      ({ attributes }): Hit => [
        one.attributes.get("filename") ?? "",
        Number(attributes.get("number")),
        Number(attributes.get("hits")),
      ],
    ),
  );
  return collect(hits, (file) => paths.find(file, bases));
}

/** JaCoCo counts instructions: a line counts as run when one of them was. */
function hitsOfJacoco(top: XmlElement): Hit[] {
  const packages = [
    ...elementsAt(top, "package"),
    ...elementsAt(top, "group/package"),
    ...elementsAt(top, "group/group/package"),
  ];
  return packages.flatMap((one) =>
    elementsAt(one, "sourcefile").flatMap((source) =>
      elementsAt(source, "line").map(
        ({ attributes }): Hit => [
          `${one.attributes.get("name") ?? ""}/${source.attributes.get("name") ?? ""}`,
          Number(attributes.get("nr")),
          Number(attributes.get("ci")) > 0 ? 1 : 0,
        ],
      ),
    ),
  );
}

/** The longest block of lines that is believed. */
const MAX_BLOCK = 100_000;

/** `example.org/shop/sum.go:3.24,5.2 1 7`: from line and column to line and column, statements, how often. */
function* hitsOfGo(text: string): Generator<Hit> {
  for (const [, file = "", from, to, hits] of text.matchAll(/^(.+):(\d+)\.\d+,(\d+)\.\d+ \d+ (\d+)\s*$/gm)) {
    const [first, last] = [Number(from), Math.min(Number(to), Number(from) + MAX_BLOCK)];
    for (let line = first; line <= last; line++) yield [file, line, Number(hits)];
  }
}

/** Go writes the path of a package: what of it is the module's name is in no path of the repository. */
function findOfModule(file: string, paths: Paths): string | undefined {
  const parts = file.split("/");
  return parts.map((_, at) => paths.find(parts.slice(at).join("/"))).find((one) => one !== undefined);
}

/** @throws Unreadable when it is no report of JaCoCo; XmlError when it is no XML */
export function readJacoco(text: string): Count {
  const top = readXml(text);
  if (top.name !== "report") throw new Unreadable(`is not JaCoCo: expected <report> at the top, found <${top.name}>`);
  return countOf(hitsOfJacoco(top));
}

/** @throws Unreadable when it is no profile of Go's coverage */
export function readCoverprofile(text: string): Count {
  if (!/^mode: (?:set|count|atomic)\s*$/m.test(text))
    throw new Unreadable("is not Go coverage: expected a first line such as mode: atomic");
  return countOf(hitsOfGo(text));
}

function countOf(hits: Iterable<Hit>): Count {
  return countHits(collect(hits, (file) => file));
}
