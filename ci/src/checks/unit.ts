import type { Container } from "@dagger.io/dagger";
import type { Config } from "../config/schema.ts";
import { installPackages, type Sources, WORKSPACE } from "../workspace.ts";

/** The tests that need nothing but Node. */
export function unit(config: Config, { packages, source }: Sources): Container {
  return installPackages(packages).withDirectory(WORKSPACE, source).withExec(config.checks.unit);
}
