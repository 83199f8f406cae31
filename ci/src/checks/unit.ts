import type { Container } from "@dagger.io/dagger";
import type { Sources } from "../build/service-image.ts";
import type { Config } from "../config.ts";
import { installPackages, WORKSPACE } from "../workspace.ts";

/** The tests that need nothing but Node. */
export function unit(config: Config, { packages, source }: Sources): Container {
  return installPackages(packages).withDirectory(WORKSPACE, source).withExec(config.checks.unit);
}
