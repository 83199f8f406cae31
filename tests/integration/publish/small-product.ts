import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

/** What a `./slipway` command came to. */
export interface Called {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** The whole progress. */
  readonly stderr: string;
}

/** A repository of somebody else with two small services, all of it committed, that uses this checkout's pipeline. */
export class SmallProduct {
  readonly folder = mkdtempSync(join(tmpdir(), "small-product-"));

  constructor() {
    cpSync(join(CHECKOUT, "ci"), join(this.folder, "ci"), {
      recursive: true,
      filter: (path) => !/\/(?:node_modules|sdk)$/.test(path),
    });
    for (const [path, text] of Object.entries(files())) this.write(path, text);
    // A lock file without packages: nothing is downloaded.
    this.#run("npm", "install", "--package-lock-only", "--offline", "--no-audit", "--no-fund");
    this.#run("git", "init", "--quiet", "--initial-branch=main");
    this.#run("git", "add", "--all");
    this.#run("git", "commit", "--quiet", "--message=first");
  }

  get commit(): string {
    return this.#run("git", "rev-parse", "HEAD").trim();
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs `./slipway` with the product as its place. */
  slipway(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Called> {
    const child = spawn(join(CHECKOUT, "slipway"), args, {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      texts.stdout += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      texts.stderr += chunk.toString("utf8");
    });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => resolve({ exitCode, ...texts }));
    });
  }

  #run(program: string, ...args: readonly string[]): string {
    const ended = spawnSync(program, args, { cwd: this.folder, encoding: "utf8", env: { ...process.env, ...author } });
    if (ended.status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${ended.status}: ${ended.stderr}`);
    return ended.stdout;
  }
}

/** The same commit whenever and wherever the test runs. */
const author = {
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.org",
  GIT_AUTHOR_DATE: "2026-11-25T15:00:00+01:00",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "ann@example.org",
  GIT_COMMITTER_DATE: "2026-11-25T15:12:49+01:00",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

function files(): Record<string, string> {
  const services = Object.fromEntries(
    ["hello", "goodbye"].flatMap((name) => [
      [
        `services/${name}/package.json`,
        JSON.stringify({
          name,
          version: "1.0.0",
          private: true,
          type: "module",
          scripts: { build: "mkdir -p dist && cp main.js dist/" },
        }),
      ],
      [`services/${name}/main.js`, serviceSource(name)],
    ]),
  );
  return {
    ...services,
    "dagger.json": readFileSync(join(CHECKOUT, "dagger.json"), "utf8"),
    "package.json": JSON.stringify({ name: "small", private: true, workspaces: ["services/*"] }),
    "slipway.yaml": `
product: small
services:
  hello: { port: 8080, build: { output: dist } }
  goodbye: { port: 8080, build: { output: dist } }
images: { registry: docker.io/nobody, name: "team/{service}", source: "https://example.org/small" }
`,
  };
}

/** Says once what it sees of the image it runs in. */
function serviceSource(name: string): string {
  return `
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
const tryTo = (write) => { try { write(); return "written"; } catch (error) { return error.code; } };
const paths = process.env.PATH.split(":").filter((path) => existsSync(path));
const known = paths.flatMap((path) => readdirSync(path));
console.log(JSON.stringify({
  name: ${JSON.stringify(name)},
  user: process.getuid(), group: process.getgid(),
  app: readdirSync("/app"),
  tools: ["node", "npm", "npx", "yarn", "corepack", "git", "gcc", "g++", "make", "python3"].filter((tool) => known.includes(tool)),
  besideTheApp: tryTo(() => writeFileSync("/app/written", "")),
  atTheTop: tryTo(() => writeFileSync("/written", "")),
  inTmp: tryTo(() => writeFileSync("/tmp/written", "")),
  tmp: readFileSync("/proc/mounts", "utf8").split("\\n").some((line) => line.split(" ")[1] === "/tmp"),
}));
`;
}
