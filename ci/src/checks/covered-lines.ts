import { elementsAt, readXml, type XmlElement } from "../input/xml.ts";
import type { Count } from "../outcomes/covered.ts";
import { Unreadable } from "./unreadable.ts";

/** Each line with whether a test ran through it; or the sums alone, when no line is named. */
interface Source {
  readonly lines: ReadonlyMap<string, boolean>;
  readonly claim: Count;
}

/** The sources that a file names. */
export type Lcov = ReadonlyMap<string, Source>;

/**
 * Reads coverage in the form of lcov.
 *
 * @throws Unreadable when it is something else, or ends in the middle
 */
export function readLcov(text: string): Lcov {
  const records = text.replace(/^\uFEFF/, "").split(/^[ \t]*end_of_record[ \t]*\r?$/m);
  const rest = records.pop() ?? "";
  if (/^SF:/m.test(rest)) throw new Unreadable("ends in the middle: its last record has no end_of_record");
  const sources = records.map((record) => readRecord(record));
  if (sources.length === 0) throw new Unreadable("is not lcov: expected a line that begins with SF:");
  return mergeSources(sources);
}

function readRecord(record: string): [string, Source] {
  const source = /^SF:(.+)$/m.exec(record)?.[1]?.trim();
  if (source === undefined) throw new Unreadable("is not lcov: expected a line that begins with SF:");
  const lines = new Map<string, boolean>();
  for (const [whole, number = "", hits] of record.matchAll(/^DA:(\d*)(?:,(-?\d+))?.*$/gm)) {
    if (number === "" || hits === undefined) throw new Unreadable(`is not lcov: ${JSON.stringify(whole.slice(0, 60))}`);
    lines.set(number, lines.get(number) === true || Number(hits) > 0);
  }
  const claimed = (key: string) => Number(new RegExp(`^${key}:(\\d+)`, "m").exec(record)?.[1] ?? 0);
  return [source, { lines, claim: { covered: claimed("LH"), lines: claimed("LF") } }];
}

function mergeSources(all: readonly (readonly [string, Source])[]): Lcov {
  const merged = new Map<string, { lines: Map<string, boolean>; claim: Count }>();
  for (const [source, { lines, claim }] of all) {
    const known = merged.get(source) ?? { lines: new Map<string, boolean>(), claim };
    for (const [line, isCovered] of lines) known.lines.set(line, known.lines.get(line) === true || isCovered);
    merged.set(source, known.claim.lines < claim.lines ? { ...known, claim } : known);
  }
  return merged;
}

/** The coverage of several files. What they say about the same source is put together, line by line. */
export function sumLcov(all: readonly Lcov[]): Count {
  const count = ({ lines, claim }: Source): Count =>
    lines.size === 0
      ? claim
      : { covered: [...lines.values()].filter((isCovered) => isCovered).length, lines: lines.size };
  return sumCoverage([...mergeSources(all.flatMap((one) => [...one])).values()].map(count));
}

/**
 * Reads coverage in the form of Cobertura, as coverage.py, Istanbul, gocover-cobertura and others write it.
 *
 * @throws Unreadable when it is something else; XmlError when it is no XML
 */
export function readCobertura(text: string): Count {
  const top = readXml(text);
  if (top.name !== "coverage" || (!top.attributes.has("line-rate") && elementsAt(top, "packages").length === 0))
    throw new Unreadable(`is not Cobertura: expected <coverage line-rate=…> at the top, found <${top.name}>`);
  const [covered, lines] = ["lines-covered", "lines-valid"].map((name) =>
    Number(top.attributes.get(name) ?? Number.NaN),
  );
  if (covered !== undefined && lines !== undefined && covered <= lines) return { covered, lines };
  return sumCoverage(elementsAt(top, "packages/package/classes/class").map(countLines));
}

/** Those of methods are among those of their class. */
function countLines(one: XmlElement): Count {
  const hits = elementsAt(one, "lines/line").map(({ attributes }) => Number(attributes.get("hits")) > 0);
  return { covered: hits.filter((isHit) => isHit).length, lines: hits.length };
}

/** The coverage of several files together. */
export function sumCoverage(all: readonly Count[]): Count {
  return all.reduce((total, { covered, lines }) => ({ covered: total.covered + covered, lines: total.lines + lines }), {
    covered: 0,
    lines: 0,
  });
}
