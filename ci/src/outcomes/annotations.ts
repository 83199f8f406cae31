import { createHash } from "node:crypto";
import { listCases } from "./junit.ts";
import type { CheckResult, Finding } from "./result.ts";
import { inOneLine, plain } from "./text.ts";

/** What is said of a line: by a check, as a failed test or as a tool's finding. */
export interface Annotation extends Finding {
  readonly check: string;
}

/** Of all checks: the failed tests whose line is known, and what tools have found. Errors first. */
export function listAnnotations(checks: readonly CheckResult[]): Annotation[] {
  const all = checks.flatMap((check) => [
    ...listCases(check).flatMap(({ state, place, suite, name, message }): Annotation[] =>
      state !== "failed" || place === undefined || (suite === check.name && name === check.name)
        ? []
        : [{ check: check.name, level: "error", message: [name, message].filter(Boolean).join(": "), place }],
    ),
    ...check.findings.map((finding) => ({ ...finding, check: check.name })),
  ]);
  const order = ["error", "warning", "note"];
  return all.sort((left, right) => order.indexOf(left.level) - order.indexOf(right.level));
}

/** GitHub shows so many of a step, and no more. */
const SHOWN = 10;
const GITHUB = { error: "error", warning: "warning", note: "notice" } as const;

/**
 * The commands by which GitHub Actions puts a text beside a line. What a program has said cannot begin a command of its own.
 *
 * @returns a line each, and at most ten of each kind: GitHub takes no more of a step
 */
export function writeGithubCommands(annotations: readonly Annotation[]): string {
  const lines = (["error", "warning", "note"] as const).flatMap((level) =>
    annotations
      .filter((one) => one.level === level)
      .slice(0, SHOWN)
      .map(writeCommand),
  );
  return lines.map((line) => `${line}\n`).join("");
}

function writeCommand({ check, level, message, rule, place: { path, line, column } }: Annotation): string {
  const properties = {
    file: path,
    ...(line === undefined ? {} : { line: String(line) }),
    ...(column === undefined ? {} : { col: String(column) }),
    title: rule === undefined ? check : `${check}: ${rule}`,
  };
  const given = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(plain(value, 300))}`);
  return `::${GITHUB[level]} ${given.join(",")}::${escapeData(plain(message, 2000))}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** The same for Azure Pipelines, which knows errors and warnings. */
export function writeAzureCommands(annotations: readonly Annotation[]): string {
  const lines = annotations.slice(0, 2 * SHOWN).map(({ check, level, message, place: { path, line, column } }) => {
    const properties = {
      type: level === "error" ? "error" : "warning",
      sourcepath: path,
      ...(line === undefined ? {} : { linenumber: String(line) }),
      ...(column === undefined ? {} : { columnnumber: String(column) }),
    };
    const given = Object.entries(properties).map(([key, value]) => `${key}=${escapeAzure(plain(value, 300))};`);
    return `##vso[task.logissue ${given.join("")}]${escapeAzure(inOneLine(`${check}: ${message}`, 1000))}\n`;
  });
  return lines.join("");
}

function escapeAzure(text: string): string {
  return escapeData(text.replaceAll("%", "%AZP25"))
    .replaceAll("%25AZP25", "%AZP25")
    .replaceAll(";", "%3B")
    .replaceAll("]", "%5D");
}

const SEVERITIES = { error: "major", warning: "minor", note: "info" } as const;

/** The report of code quality that GitLab shows beside the lines of a merge request. */
export function writeCodeQuality(annotations: readonly Annotation[]): string {
  const seen = new Map<string, number>();
  const issues = annotations.map(({ check, level, message, rule, place: { path, line = 1 } }) => {
    const description = inOneLine(message, 1000);
    const same = [check, rule, path, description].join("\0");
    const nth = seen.get(same) ?? 0;
    seen.set(same, nth + 1);
    return {
      description,
      check_name: rule === undefined ? check : `${check}/${rule}`,
      // Not by its line: what is only moved is no new issue.
      fingerprint: createHash("sha256").update(`${same}\0${nth}`).digest("hex"),
      severity: SEVERITIES[level],
      location: { path, lines: { begin: line } },
    };
  });
  return `${JSON.stringify(issues, null, 2)}\n`;
}
