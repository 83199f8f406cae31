import type { Scene } from "../../providers/scene.ts";
import { ConcourseServer } from "./server.ts";

/** A server that is there for all tests of a suite. */
export function serverOf(tests: {
  before(hook: () => Promise<void>): void;
  after(hook: () => Promise<void>): void;
}): () => ConcourseServer {
  let server: ConcourseServer | undefined;
  tests.before(async () => {
    server = await ConcourseServer.start();
  });
  tests.after(async () => {
    await server?.close();
  });
  return () => {
    if (server === undefined) throw new Error("Concourse has not started");
    return server;
  };
}

/** Sets the pipeline of a repository whose jobs call a command of the image. @returns its name */
export async function setPipeline(
  server: ConcourseServer,
  scene: Scene,
  name: string,
  vars: Readonly<Record<string, string>>,
): Promise<string> {
  const text = scene.read("ci/concourse/pipeline.yml");
  await server.setPipeline(name, text, { "source-uri": await server.serve(name, scene.source), ...vars });
  return name;
}
