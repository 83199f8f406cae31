import { type ChildProcess, spawn } from "node:child_process";

/** Serves files; a process of its own, because whoever fetches waits for git. */
const SERVER = `
const { createServer } = require("node:http");
const { readFile } = require("node:fs");
const server = createServer((request, response) => {
  readFile(process.argv[1] + new URL(request.url, "http://x").pathname, (error, text) => {
    response.statusCode = error ? 404 : 200;
    response.end(text);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

/** A server of the files in a folder: enough for git, after `git update-server-info`. */
export interface ServedFiles {
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  readonly server: ChildProcess;
}

export async function serveFiles(dir: string): Promise<ServedFiles> {
  const server = spawn(process.execPath, ["-e", SERVER, dir], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<string>((done) => server.stdout?.once("data", (text) => done(String(text).trim())));
  return { url: `http://127.0.0.1:${port}`, server };
}
