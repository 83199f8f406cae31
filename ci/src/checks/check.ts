import { type Container, type Directory, dag } from "@dagger.io/dagger";
import type { Checkout } from "../checkout/checkout.ts";
import type { CheckSettings, Run } from "../config/settings.ts";
import type { Project } from "../languages/language.ts";
import { languages } from "../languages/languages.ts";
import { addSources, placeOf, TOP } from "../languages/prepare.ts";
import { Product } from "../product/product.ts";
import { type Failed, failAs, runToEnd } from "./run-to-end.ts";
import { listPatterns, type ReportFile, readReportFiles, readWritten, type Written } from "./written.ts";

/** A command that does not end by itself in this time after its time is over is killed. */
const GRACE_SECONDS = "10";

/** What a check came to. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** What its reports say; absent when it has none. */
  readonly written?: Written;
  /** The texts that this is read from. */
  readonly read?: readonly ReportFile[];
  /** The files of its reports, at their paths from the top of the repository. */
  readonly files?: Directory;
  /** Throws what the engine throws for a command that fails; absent when it passed. */
  readonly fail?: () => Promise<never>;
  /** Of the command that failed. */
  readonly exitCode?: number;
}

/**
 * Runs a check, to its end also when it fails: what it has written is not lost, and who asks later how it ended need not run it again.
 * It fails by `fail`.
 */
export async function runCheck(checkout: Checkout, check: CheckSettings, failed: Failed = "again"): Promise<Ran> {
  const prepared = await prepare(checkout, check);
  const bound = await new Product(checkout).bind(prepared, check);
  const limit = ["timeout", "-k", GRACE_SECONDS, String(check.timeoutSeconds)];
  const commands = listCommands(check.run).map((command) => [...limit, ...command]);
  const include = listPatterns(check.reports);
  const end = await runToEnd(bound, commands, failed);
  const { container, exitCode } = end;
  const [stdout, stderr, reports] = await Promise.all([
    container.stdout(),
    container.stderr(),
    include.length === 0 ? {} : collect(container, bound, { check, include }),
  ]);
  return { stdout, stderr, ...reports, ...(exitCode === 0 ? {} : { exitCode, fail: () => failAs(end) }) };
}

interface Wanted {
  readonly check: CheckSettings;
  readonly include: string[];
}

/** What a check has written that has reports. */
async function collect(container: Container, before: Container, { check, include }: Wanted) {
  const top = isByDockerfile(check) ? WORKDIR : TOP;
  const files = container.directory(top).filter({ include });
  const read = await readReportFiles(files, before.directory(top).filter({ include }));
  return { written: readWritten(check.reports, read), read, files };
}

/** The folder of the image that a Dockerfile names: it has its sources there, as far as it wants any. */
const WORKDIR = ".";

function isByDockerfile({ image, language }: CheckSettings): boolean {
  return image === undefined && language === "dockerfile";
}

/**
 * The check's files where the dependencies of its language are installed, or in the image that it names. The files are taken in while
 * the dependencies are installed: a call that names both would wait for the files first.
 */
async function prepare({ settings, files }: Checkout, check: CheckSettings): Promise<Container> {
  const { image, language, path, reads } = check;
  const place = placeOf(TOP, path);
  if (image !== undefined) return dag.container().from(image).withDirectory(TOP, files(reads)).withWorkdir(place);
  const project = findProject(settings.projects, language, path);
  const installed = languages[project.language].install(project, files);
  if (isByDockerfile(check)) return installed;
  const [ready, sources] = await Promise.all([installed.sync(), files(reads).sync()]);
  return addSources(ready, project, () => sources).withWorkdir(place);
}

function listCommands(run: Run): (readonly string[])[] {
  return typeof run === "string" ? [["sh", "-ec", run]] : [...run];
}

/** The project of the folder, or of the nearest one above it. */
function findProject(projects: readonly Project[], language: Project["language"] | undefined, path: string): Project {
  const found = projects.find((one) => one.path === path && (language === undefined || one.language === language));
  if (found !== undefined) return found;
  if (path === ".") throw new Error(`no ${language} project was found`);
  return findProject(projects, language, path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".");
}
