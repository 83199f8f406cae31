import type { Container } from "@dagger.io/dagger";
import type { Command } from "./language.ts";

/**
 * Packages that were installed on the engine's own platform, for another one: as they are when they hold no program of
 * the machine, else installed once more on that platform, which the engine has to be able to run.
 *
 * @param find a command in a container with the packages that prints the paths of such programs
 */
export async function portable(installed: Container, find: Command, installThere: () => Container): Promise<Container> {
  const natives = (await installed.withExec([...find]).stdout()).trim();
  return natives === "" ? installed : installThere();
}
