import { type Run, writeAbove } from "../console.ts";
import type { Engine } from "../engine.ts";

/** `session`: opens the API to another program, which reads one line from standard output and ends it by closing its input. */
export async function runSession(engine: Engine, run: Run): Promise<void> {
  const { port, token } = await engine.listen();
  await writeAbove(run, run.console.stdout, `${JSON.stringify({ port, session_token: token })}\n`);
  await new Promise<void>((done) => {
    run.console.stdin.once("end", done).once("close", done).resume();
  });
}
