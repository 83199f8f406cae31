import { typeName } from "../../api/names.ts";

/** The first code of a module: two functions that can be called at once, one with a directory. */
export function templateText(moduleName: string): string {
  const name = typeName(moduleName);
  return `/**
 * Functions of ${name}
 *
 * The first line of this comment is what "functions" and the help say about the module. Two functions show how
 * arguments and results look: change them, or put your own in their place.
 */
import { dag, Container, Directory, object, func } from "@dagger.io/dagger"

@object()
export class ${name} {
  /**
   * Returns a container that prints the given text
   */
  @func()
  containerEcho(stringArg: string): Container {
    return dag.container().from("debian:bookworm-slim").withExec(["echo", stringArg])
  }

  /**
   * Returns the lines in the files of a directory that match a pattern
   */
  @func()
  async grepDir(directoryArg: Directory, pattern: string): Promise<string> {
    return dag
      .container()
      .from("debian:bookworm-slim")
      .withMountedDirectory("/mnt", directoryArg)
      .withWorkdir("/mnt")
      .withExec(["grep", "-R", pattern, "."])
      .stdout()
  }
}
`;
}
