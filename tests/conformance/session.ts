import { spawn } from "node:child_process";
import { request as httpRequest } from "node:http";

/** An open session of an engine. */
export interface Session {
  readonly port: number;
  readonly token: string;
  /** Of the program that was started; of the engine itself where the program becomes it, as ./slipway does. */
  readonly pid: number;
  /** Ends the session; resolves when its process is gone. */
  close(): Promise<void>;
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly auth?: "good" | "none" | "wrong";
}

export interface RawAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

/** Starts `program session` in `cwd`; it tells port and token in its first line. */
export function openSession(program: string, cwd: string, env: Record<string, string>): Promise<Session> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["session"], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const closed = new Promise<void>((done) => child.once("close", () => done()));
    let output = "";
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors = `${errors}${chunk}`.slice(-4000);
    });
    child.stdout.on("data", (chunk) => {
      if (output.includes("\n")) return;
      output += chunk;
      const end = output.indexOf("\n");
      if (end < 0) return;
      const { port, session_token: token } = JSON.parse(output.slice(0, end));
      const close = async () => {
        child.stdin.end();
        const impatient = setTimeout(() => child.kill("SIGTERM"), 15_000);
        await closed;
        clearTimeout(impatient);
      };
      resolve({ port, token, pid: child.pid ?? 0, close });
    });
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`the session ended with code ${code}: ${errors}`)));
  });
}

/** One HTTP request to a session. */
export function ask(session: Session, raw: RawRequest, timeoutMs = 180_000): Promise<RawAnswer> {
  const { method = "POST", path = "/query", headers = {}, body = "", auth = "good" } = raw;
  const credentials = { good: `${session.token}:`, wrong: "no-such-token:", none: undefined }[auth];
  const authorization =
    credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: "127.0.0.1",
        port: session.port,
        method,
        path,
        headers: { ...headers, ...authorization, "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers["content-type"] ?? null,
            body: Buffer.concat(parts).toString("utf8"),
          }),
        );
      },
    );
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on("error", reject);
    request.end(body);
  });
}
