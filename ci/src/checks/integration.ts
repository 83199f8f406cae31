import type { Container } from "@dagger.io/dagger";
import type { Config } from "../config/schema.ts";
import { assembleProduct, bindProduct } from "../product/product.ts";
import { installPackages, type Sources, WORKSPACE } from "../workspace.ts";

/** The whole product with a real broker, and the tests as its only client. */
export async function integration(config: Config, sources: Sources): Promise<Container> {
  const driver = installPackages(sources.packages).withDirectory(WORKSPACE, sources.source);
  return bindProduct(driver, config, await assembleProduct(config, sources)).withExec(config.checks.integration);
}
