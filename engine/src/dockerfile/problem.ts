/** What is wrong with a Dockerfile, in BuildKit's words. */
export class DockerfileProblem extends Error {
  override readonly name = "DockerfileProblem";

  /** @param line where it is, counted from 1; undefined when the file as a whole is meant */
  constructor(
    message: string,
    readonly line?: number,
  ) {
    super(message);
  }
}

/** An instruction that is not even in the form of one: BuildKit tells it without the words "parse error on line". */
export class FormProblem extends DockerfileProblem {}

/**
 * Runs something that is about one line: what goes wrong is told to be there.
 *
 * @param word puts the message into other words
 */
export function atLine<T>(line: number, run: () => T, word = (message: string) => message): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DockerfileProblem)) throw error;
    throw new DockerfileProblem(word(error.message), error.line ?? line);
  }
}

/** A text as Go's `%q` writes it, for all that is found in Dockerfiles. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}
