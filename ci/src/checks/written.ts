import type { Directory } from "@dagger.io/dagger";
import { matchPatterns } from "../config/patterns.ts";
import type { CheckSettings } from "../config/settings.ts";
import { XmlError } from "../input/xml.ts";
import type { Count } from "../outcomes/covered.ts";
import { Paths } from "../outcomes/paths.ts";
import { readCobertura, readLcov, sumCoverage, sumLcov } from "./covered-lines.ts";
import { readCheckstyle, readSarif } from "./findings.ts";
import { readJunit, sumTests, type Tests } from "./junit.ts";
import { readCoverprofile, readJacoco } from "./line-hits.ts";
import { Unreadable } from "./unreadable.ts";

type Reports = CheckSettings["reports"];
export type Kind = keyof Reports;

/** What the files say that a check has written. */
export interface Written {
  readonly tests?: Tests;
  readonly coverage: Readonly<Partial<Record<"lcov" | "cobertura" | "jacoco" | "coverprofile", Count>>>;
  /** How many findings the files of tools name; absent when none of them was read. */
  readonly findings?: number;
  /** What is missing or cannot be read, a sentence each. */
  readonly problems: readonly string[];
}

/** A file of reports, and its text unless it was not read. */
export interface ReportFile {
  readonly path: string;
  readonly text: string | { readonly problem: string };
}

/** How many files are read, and how long one may be. */
const MAX_FILES = 2000;
const MAX_BYTES = 32_000_000;

/** How files of a kind are called: of a folder no others are taken. */
const ENDINGS: Readonly<Record<Kind, RegExp>> = {
  junit: /\.xml$/i,
  lcov: /\.(?:info|lcov)$/i,
  cobertura: /\.xml$/i,
  jacoco: /\.xml$/i,
  coverprofile: /\.(?:out|cov|coverprofile)$/i,
  sarif: /\.(?:sarif|json)$/i,
  checkstyle: /\.xml$/i,
};

/** To read what is found, wherever it is. */
const NOWHERE = new Paths(new Set(), "/", ".");

/** The patterns of all files that a check writes; none: it does not say. */
export function listPatterns(reports: Reports): string[] {
  return Object.values(reports).flat();
}

/**
 * Reads the files of reports in a folder.
 *
 * @param before the same files as the check got them: one that is the same has not been written
 */
export async function readReportFiles(files: Directory, before: Directory): Promise<ReportFile[]> {
  const [paths, known] = await Promise.all([listFiles(files), listFiles(before)]);
  const read = async (path: string, at: number): Promise<ReportFile> => {
    if (at >= MAX_FILES) return { path, text: { problem: `is not read: more than ${MAX_FILES} files are too many` } };
    const text = await readText(files, path);
    const isOld = typeof text === "string" && known.includes(path) && text === (await readText(before, path));
    return { path, text: isOld ? { problem: "is as it was before the check, so it is not counted" } : text };
  };
  return await Promise.all(paths.map(read));
}

async function listFiles(folder: Directory): Promise<string[]> {
  return (await folder.glob("**/*")).filter((path) => !path.endsWith("/")).sort();
}

async function readText(folder: Directory, path: string): Promise<ReportFile["text"]> {
  const file = folder.file(path);
  const bytes = await file.size();
  if (bytes === 0) return { problem: "is empty" };
  if (bytes > MAX_BYTES)
    return { problem: `has ${(bytes / 1e6).toFixed(1)} MB: at most ${MAX_BYTES / 1e6} MB are read` };
  return await file.contents();
}

/** What the files say. One that is missing or spoilt is a problem that is told, and hides no other. */
export function readWritten(reports: Reports, files: readonly ReportFile[]): Written {
  const problems: string[] = [];
  const read = <T>(kind: Kind, readOne: (text: string) => T): T[] => {
    const patterns = reports[kind] ?? [];
    const named = filesOf(kind, reports, files);
    if (named.length === 0 && patterns.length > 0)
      problems.push(`no file matches reports.${kind} names: ${patterns.join(", ")}`);
    return named.flatMap(({ path, text }) => {
      try {
        if (typeof text !== "string") throw new Unreadable(text.problem);
        return [readOne(text)];
      } catch (error) {
        problems.push(tellSpoilt(path, error));
        return [];
      }
    });
  };
  const tests = read("junit", readJunit);
  const lcov = read("lcov", readLcov);
  const cobertura = read("cobertura", readCobertura);
  const jacoco = read("jacoco", readJacoco);
  const coverprofile = read("coverprofile", readCoverprofile);
  const runs = [
    ...read("sarif", (text) => readSarif(text, NOWHERE)),
    ...read("checkstyle", (text) => readCheckstyle(text, NOWHERE)),
  ];
  return {
    ...(tests.length === 0 ? {} : { tests: sumTests(tests) }),
    coverage: {
      ...(lcov.length === 0 ? {} : { lcov: sumLcov(lcov) }),
      ...(cobertura.length === 0 ? {} : { cobertura: sumCoverage(cobertura) }),
      ...(jacoco.length === 0 ? {} : { jacoco: sumCoverage(jacoco) }),
      ...(coverprofile.length === 0 ? {} : { coverprofile: sumCoverage(coverprofile) }),
    },
    ...(runs.length === 0 ? {} : { findings: runs.reduce((sum, { count }) => sum + count, 0) }),
    problems,
  };
}

/** The files of a kind, as the settings name them. */
export function filesOf(kind: Kind, reports: Reports, files: readonly ReportFile[]): ReportFile[] {
  return files.filter(({ path }) => isNamed(path, reports[kind] ?? [], kind));
}

/** Whether a file is meant: named itself, or called as its kind is and in a folder that is named. */
function isNamed(path: string, patterns: readonly string[], kind: Kind): boolean {
  return patterns.some(
    (pattern) => matchPatterns(path, [pattern]) && (ENDINGS[kind].test(path) || namesFile(pattern, path)),
  );
}

function namesFile(pattern: string, path: string): boolean {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  return !/(?:^|\/)\*+$/.test(pattern) && !matchPatterns(folder, [pattern]);
}

function tellSpoilt(path: string, error: unknown): string {
  if (error instanceof Unreadable) return `${path} ${error.message}`;
  if (error instanceof XmlError) return `${path} is not XML: ${error.message}`;
  throw error;
}
