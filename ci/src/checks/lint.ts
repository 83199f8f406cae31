import type { Container } from "@dagger.io/dagger";
import type { Config } from "../config/schema.ts";
import { installPackages, type Sources, WORKSPACE } from "../workspace.ts";

/** Types, format and rules of the whole repository. */
export function lint(config: Config, { packages, source }: Sources): Container {
  return installPackages(packages).withDirectory(WORKSPACE, source).withExec(config.checks.lint);
}
