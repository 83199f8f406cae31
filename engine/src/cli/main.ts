import { putBackCertificates } from "../run/trusted-certificates.ts";
import { untilWritten } from "./console.ts";
import { runMain } from "./run-main.ts";

/** The command line as a process: runs it once and exits. */
export async function main(): Promise<never> {
  // What the engine makes for others has the modes that it says, whatever the person's own habit is.
  process.umask(0o022);
  putBackCertificates(process.env);
  // A reader that goes away is told by the write that it is not there for; progress that nobody reads is no error.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const code = await runMain(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
  });
  // To exit drops what a slow reader has not taken yet: of progress and then an error, the error.
  await Promise.all([untilWritten(process.stdout), untilWritten(process.stderr)]);
  process.exit(code);
}
