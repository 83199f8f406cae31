import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ask, openSession, type Session } from "../../conformance/session.ts";

/** Contents by path; a path that ends with a slash is an empty folder. */
export type Files = Readonly<Record<string, string | Buffer>>;

interface GraphqlError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An answer that is an error. */
class Refused extends Error {
  constructor(readonly errors: readonly GraphqlError[]) {
    super(errors.map(({ message }) => message).join("\n"));
    // What a command has said helps whoever looks for the reason.
    const said = errors.map(({ extensions }) => extensions?.["stderr"]).filter((text) => text !== undefined);
    if (said.length > 0) this.stack = `${this.stack}\n${said.join("\n")}`;
  }
}

/** A session of the engine, and folders that it builds from. */
export class Builds {
  readonly #folder = mkdtempSync(join(tmpdir(), "dockerfiles-"));
  #next = 0;

  private constructor(readonly session: Session) {}

  /** @param env variables of this machine beside those that it has */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<Builds> {
    return new Builds(await openSession(resolve("slipway"), tmpdir(), { ...env }));
  }

  async close(): Promise<void> {
    await this.session.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A new folder with these files. */
  folder(files: Files): string {
    const folder = join(this.#folder, String(this.#next++));
    writeFiles(folder, files);
    return folder;
  }

  async query<T>(query: string): Promise<T> {
    const answer = await ask(this.session, {
      body: JSON.stringify({ query }),
      headers: { "content-type": "application/json" },
    });
    const { data, errors } = JSON.parse(answer.body) as { data: T; errors?: readonly GraphqlError[] };
    if (errors !== undefined) throw new Refused(errors);
    return data;
  }

  /** What is selected of the container that a folder's Dockerfile makes. */
  async of<T>(folder: string, selection: string, args = ""): Promise<T> {
    const build = `dockerBuild${args === "" ? "" : `(${args})`}`;
    const query = `{ host { directory(path:${JSON.stringify(folder)}, noCache:true) { ${build} { ${selection} } } } }`;
    const data = await this.query<{ host: { directory: { dockerBuild: T } } }>(query);
    return data.host.directory.dockerBuild;
  }

  /** The text of a file that a Dockerfile makes. */
  async file(files: Files, path: string, args = ""): Promise<string> {
    const { file } = await this.of<{ file: { contents: string } }>(
      this.folder(files),
      `file(path:${JSON.stringify(path)}) { contents }`,
      args,
    );
    return file.contents;
  }

  /** What a command prints in the container. */
  async output(files: Files, command: string, args = ""): Promise<string> {
    const { withExec } = await this.of<{ withExec: { stdout: string } }>(
      this.folder(files),
      `withExec(args:["sh","-c",${JSON.stringify(command)}]) { stdout }`,
      args,
    );
    return withExec.stdout;
  }

  /** Why the folder cannot be built. */
  async refusal(files: Files, args = ""): Promise<string> {
    try {
      await this.of(this.folder(files), "sync", args);
    } catch (error) {
      if (error instanceof Refused) return error.message;
      throw error;
    }
    throw new Error("it was built");
  }
}

function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const place = join(folder, path);
    mkdirSync(path.endsWith("/") ? place : dirname(place), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(place, content);
  }
}
