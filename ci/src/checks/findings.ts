import { entries, type Fields, fields, isFields } from "../input/fields.ts";
import { elementsAt, readXml } from "../input/xml.ts";
import type { Paths } from "../outcomes/paths.ts";
import type { Finding, Place } from "../outcomes/result.ts";
import { Unreadable } from "./unreadable.ts";

/** What a file of findings says: one by one, and as runs of SARIF. */
export interface Found {
  /** Those in a file of the repository. */
  readonly findings: readonly Finding[];
  readonly runs: readonly object[];
  /** Of all of them, wherever they are. */
  readonly count: number;
}

const LEVELS: Readonly<Record<string, Finding["level"]>> = {
  error: "error",
  warning: "warning",
  note: "note",
  info: "note",
};

/**
 * Reads SARIF as ruff, golangci-lint, ESLint, SpotBugs and others write it. Places become those of the repository; a finding in no
 * file of it stays in the run, as the tool has written it.
 *
 * @throws Unreadable when it is no SARIF 2.1.0
 */
export function readSarif(text: string, paths: Paths): Found {
  const top = parse(text);
  if (top["version"] !== "2.1.0" || !Array.isArray(top["runs"]))
    throw new Unreadable('is not SARIF: expected "version": "2.1.0" and a list of runs');
  const runs = entries(top["runs"]).filter(isFields);
  const read = runs.map((run) => {
    const results = entries(run["results"])
      .filter(isFields)
      .map((result) => readResult(result, run, paths));
    const { originalUriBaseIds: _, ...rest } = run;
    return {
      run: { ...rest, results: results.map(({ result }) => result) },
      findings: results.flatMap(({ finding }) => finding),
    };
  });
  return {
    findings: read.flatMap(({ findings }) => findings),
    runs: read.map(({ run }) => run),
    count: read.reduce((sum, { run }) => sum + run.results.length, 0),
  };
}

function parse(text: string): Fields {
  try {
    return fields(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch (error) {
    throw new Unreadable(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readResult(result: Fields, run: Fields, paths: Paths): { result: Fields; finding: Finding[] } {
  const locations = entries(result["locations"]).map((one) => moveLocation(fields(one), run, paths));
  const moved = {
    ...result,
    ...(locations.length === 0 ? {} : { locations: locations.map(({ location }) => location) }),
  };
  const message = String(
    fields(result["message"])["text"] ?? fields(result["message"])["markdown"] ?? result["ruleId"] ?? "",
  );
  const rule = typeof result["ruleId"] === "string" ? { rule: result["ruleId"] } : {};
  const place = locations.find((one) => one.place !== undefined)?.place;
  if (place === undefined || message === "" || entries(result["suppressions"]).length > 0)
    return { result: moved, finding: [] };
  const level = LEVELS[String(result["level"] ?? "warning")] ?? "note";
  return { result: moved, finding: [{ level, message, ...rule, place }] };
}

function moveLocation(location: Fields, run: Fields, paths: Paths) {
  const physical = fields(location["physicalLocation"]);
  const artifact = fields(physical["artifactLocation"]);
  const base = fields(fields(run["originalUriBaseIds"])[String(artifact["uriBaseId"] ?? "")])["uri"];
  const path = paths.find(String(artifact["uri"] ?? ""), typeof base === "string" ? [base] : []);
  if (path === undefined) return { location, place: undefined };
  const region = fields(physical["region"]);
  return {
    location: { ...location, physicalLocation: { ...physical, artifactLocation: { uri: toUri(path) } } },
    place: placeAt(path, Number(region["startLine"]), Number(region["startColumn"])),
  };
}

/** Without what a tool does not say. */
function placeAt(path: string, line: number, column: number): Place {
  return { path, ...(line > 0 ? { line } : {}), ...(column > 0 ? { column } : {}) };
}

function toUri(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/**
 * Reads the form of Checkstyle, which Checkstyle, ktlint, PHP_CodeSniffer, ESLint, golangci-lint and others write.
 *
 * @throws Unreadable when it is something else; XmlError when it is no XML
 */
export function readCheckstyle(text: string, paths: Paths): Found {
  const top = readXml(text);
  if (top.name !== "checkstyle")
    throw new Unreadable(`is not Checkstyle: expected <checkstyle> at the top, found <${top.name}>`);
  const files = elementsAt(top, "file");
  const count = files.reduce((sum, file) => sum + elementsAt(file, "error").length, 0);
  const findings = files.flatMap((file) => {
    const path = paths.find(file.attributes.get("name") ?? "");
    if (path === undefined) return [];
    return elementsAt(file, "error").map(({ attributes }): Finding => {
      const rule = attributes.get("source");
      return {
        level: LEVELS[attributes.get("severity") ?? "error"] ?? "note",
        message: attributes.get("message") ?? "",
        ...(rule === undefined || rule === "" ? {} : { rule }),
        place: placeAt(path, Number(attributes.get("line")), Number(attributes.get("column"))),
      };
    });
  });
  return { findings, runs: [runOf(findings)], count };
}

/** Findings as a run of SARIF, for tools that do not write any. */
function runOf(findings: readonly Finding[]): object {
  const results = findings.map(({ level, message, rule, place: { path, line, column } }) => ({
    ...(rule === undefined ? {} : { ruleId: rule }),
    level,
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: toUri(path) },
          ...(line === undefined
            ? {}
            : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } }),
        },
      },
    ],
  }));
  return { tool: { driver: { name: "checkstyle" } }, results };
}
