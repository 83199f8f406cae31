import { type Container, dag } from "@dagger.io/dagger";
import type { Checkout } from "../checkout/checkout.ts";
import type { CheckSettings, Run } from "../config/settings.ts";
import type { Project } from "../languages/language.ts";
import { languages } from "../languages/languages.ts";
import { addSources, placeOf, TOP } from "../languages/prepare.ts";
import { Product } from "../product/product.ts";

/** A command that does not end by itself in this time after its time is over is killed. */
const GRACE_SECONDS = "10";

/** The container in which a check has run, once somebody asks for what it printed. */
export async function runCheck(checkout: Checkout, check: CheckSettings): Promise<Container> {
  const prepared = prepare(checkout, check).withWorkdir(placeOf(TOP, check.path));
  const bound = await new Product(checkout).bind(prepared, check);
  return listCommands(check.run).reduce(
    (ran, command) => ran.withExec(["timeout", "-k", GRACE_SECONDS, String(check.timeoutSeconds), ...command]),
    bound,
  );
}

/** The check's files where the dependencies of its language are installed, or in the image that it names. */
function prepare({ settings, files }: Checkout, { image, language, path, reads }: CheckSettings): Container {
  if (image !== undefined) return dag.container().from(image).withDirectory(TOP, files(reads));
  const project = findProject(settings.projects, language, path);
  const installed = languages[project.language].install(project, files);
  // A Dockerfile's image has its sources, where it wants them.
  return project.language === "dockerfile" ? installed : addSources(installed, { ...project, reads }, files);
}

function listCommands(run: Run): (readonly string[])[] {
  return typeof run === "string" ? [["sh", "-ec", run]] : [...run];
}

/** The project of the folder, or of the nearest one above it. */
function findProject(projects: readonly Project[], language: Project["language"] | undefined, path: string): Project {
  const found = projects.find((one) => one.path === path && (language === undefined || one.language === language));
  if (found !== undefined) return found;
  if (path === ".") throw new Error(`nobody has found a ${language} project`);
  return findProject(projects, language, path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".");
}
