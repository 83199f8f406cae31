import { CoverageReport } from "monocart-coverage-reports";

/** Where the report on all tests of `npm run coverage` is. */
export const WHOLE = "coverage/whole";

/** The sources that count, below the top of the repository, and what may stand before that. */
const COUNTED = /^(?:ci|engine|services\/[^/]+)\/src\/.+\.ts$/;
const BEFORE_ROOM = /^.*?(?=(?:ci|engine|services\/[^/]+)\/src\/)/;

/**
 * Reports, to coverage/whole, what the processes ran through whose records (condense.ts) lie in `folder`. The engine runs
 * as a bundle there: c8, which reports on the unit tests, gives nearly all lines of a bundle of many sources as run.
 */
export async function reportWhole(folder: string): Promise<void> {
  const report = new CoverageReport({
    name: "unit and integration tests",
    outputDir: WHOLE,
    reports: ["json-summary", "lcovonly", "html"],
    logging: "error",
    sourceFilter: (path) => COUNTED.test(path) && !/(?:\.d|\/main)\.ts$/.test(path),
    sourcePath: (path) => path.replace(BEFORE_ROOM, ""),
  });
  await report.addFromDir(folder);
  await report.generate();
}
