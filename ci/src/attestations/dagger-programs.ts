import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { images } from "../tool-images.ts";

/** Where the programs lie in their containers. */
const PROGRAMS = "/opt/slipway";
const ANSWER = "/tmp/answer.json";

/** Calls a function of a file, and writes what it gives into another one. */
const CALL = `
const [path, name, answer, ...args] = process.argv.slice(1);
const program = await import(path);
process.getBuiltinModule("node:fs").writeFileSync(answer, JSON.stringify(await program[name](...args)));
`;

/**
 * Runs a function of a program, and gives what it returns.
 *
 * Not by a file that does it when it is imported: an engine imports every file of a module to find its functions.
 *
 * @param program the file of the function: `task.ts`
 * @returns what it returns, by way of JSON
 */
export async function runProgram<Answer>(
  container: Container,
  program: string,
  call: (...args: string[]) => Answer | Promise<Answer>,
  ...args: readonly string[]
): Promise<Answer> {
  const command = ["node", "--input-type=module", "--eval", CALL, `${PROGRAMS}/${program}`, call.name, ANSWER];
  const exec = container.withExec([...command, ...args]);
  return JSON.parse(await exec.file(ANSWER).contents());
}

/** A container of Node with the programs of this module that run in one: Node reads TypeScript by itself. */
export function openPrograms(): Container {
  return (
    dag
      .container()
      .from(images.node)
      .withMountedDirectory(PROGRAMS, readPrograms())
      .withEnvVariable("NODE_NO_WARNINGS", "1")
      // The authorities and the proxy that the container was given count for Node as for other programs.
      .withEnvVariable("NODE_OPTIONS", "--use-system-ca")
      .withEnvVariable("NODE_USE_ENV_PROXY", "1")
  );
}

/** The sources of the programs, as they lie in this module: they import nothing from elsewhere. */
function readPrograms(): Directory {
  const source = dag.currentModule().source().directory("src/attestations/program");
  return source.withNewFile("package.json", '{ "type": "module" }');
}
