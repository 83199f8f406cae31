import type { Container } from "@dagger.io/dagger";
import type { Sources } from "../build/service-image.ts";
import type { Config } from "../config.ts";
import { installPackages, WORKSPACE } from "../workspace.ts";

/** Types, format and rules of the whole repository. */
export function lint(config: Config, { packages, source }: Sources): Container {
  return installPackages(packages).withDirectory(WORKSPACE, source).withExec(config.checks.lint);
}
