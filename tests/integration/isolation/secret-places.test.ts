import { spawn, spawnSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { listProcesses, readProcess } from "../../support/processes.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { waitUntil } from "../../support/run-sandbox.ts";
import { writeModule } from "../../support/served-module.ts";
import { whyNot } from "../module/probe.ts";

/** "open sesame" is what the registry takes; bcrypt of it for the user "me" (htpasswd -nbB). */
const HTPASSWD = "me:$2y$05$Sy.5KXtPAxrmaZZC02t3uOGvbY/P56d5k1FVVArHfOWQC7y74bX2m";
const PASSWORD = "open sesame";
/** With signs that other forms of text write in another way. */
const TOKEN = `Zx9/kQ+"vT-77aa_${randomUUID()}&value=of.the person`;

/** Uses a secret in every way there is, and is asked for what could tell it. */
const SOURCE = `
import { Container, dag, Directory, File, func, object, Secret } from "@dagger.io/dagger";

@object() export class Using {
  private box(root: Directory, token: Secret): Container {
    return dag.container().withRootfs(root).withSecretVariable("TOKEN", token).withMountedSecret("/token", token);
  }
  /** Variables, mounts, a service, a Dockerfile, a command that the code has put it in. */
  @func({ cache: "never" }) async run(root: Directory, token: Secret): Promise<string> {
    const serving = ["sh", "-c", "echo \\"starts with $TOKEN\\"; while true; do echo x | nc -l -p 80; done"];
    const service = this.box(root, token).withExposedPort(80).asService({ args: serving });
    const ran = await this.box(root, token).withServiceBinding("service", service)
      .withExec(["sh", "-c", "cat /token; echo; echo $TOKEN; base64 /token >&2; sleep 1; test -s /token"]).sync();
    const named = dag.setSecret("token", await token.plaintext());
    const dockerfile = "FROM scratch\\nCOPY . /\\nRUN --mount=type=secret,id=token cat /run/secrets/token && echo built > /built\\n" +
      "RUN --mount=type=secret,id=token,env=TOKEN echo $TOKEN\\n";
    const built = root.withNewFile("Dockerfile", dockerfile).dockerBuild({ secrets: [named] });
    await built.sync();
    await this.box(root, token).withExec(["sh", "-c", "echo '" + (await token.plaintext()) + "' >&2"]).stdout();
    return String((await ran.withoutSecretVariable("TOKEN").asTarball().size()) > 0);
  }
  @func({ cache: "never" }) image(root: Directory, token: Secret): File {
    return this.box(root, token).withExec(["sh", "-c", "cat /token > /dev/null"]).asTarball();
  }
  @func({ cache: "never" }) async failing(root: Directory, token: Secret): Promise<string> {
    return await this.box(root, token).withExec(["sh", "-c", "echo $TOKEN; cat /token >&2; exit 3"]).stdout();
  }
  @func({ cache: "never" }) async lines(root: Directory, token: Secret): Promise<string> {
    const named = (await token.plaintext()).split("token: ")[1].split("\\n")[0];
    const script = "while read -r line; do echo \\"$line\\"; echo \\"$line\\" | base64 -w 0 >&2; done < /token; exit 3";
    return await this.box(root, token).withExec(["sh", "-c", script, named]).stdout();
  }
  @func({ cache: "never" }) async publish(root: Directory, token: Secret, address: string, password: Secret): Promise<string> {
    const box = this.box(root, token).withRegistryAuth(address, "me", password);
    await box.publish(address + "/using:1");
    return await dag.container().withRegistryAuth(address, "me", password).from(address + "/using:1").withExec(["sh", "-c", "echo -n pulled"]).stdout();
  }
}`;

const places = suite("the value of a secret");
const problem = whyNot();
const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");
let dir = "";
let registry: Registry;
let server: Server;
let port = 0;
/** Bodies that a collector of traces got, and headers that a server of files and repositories got. */
const collected: Buffer[] = [];
const asked: string[] = [];

places.before(async () => {
  if (problem !== undefined) return;
  dir = mkdtempSync(join(tmpdir(), "slipway-places-"));
  for (const name of ["tmp", "out"]) mkdirSync(join(dir, name));
  mkdirSync(join(dir, "given"));
  writeFileSync(join(dir, "given/token"), TOKEN);
  writeFileSync(join(dir, "given/password"), PASSWORD);
  makeBusyboxRoot(join(dir, "root"), ["sh", "cat", "echo", "base64", "sleep", "test", "nc"]);
  writeModule(join(dir, "using"), "using", SOURCE);
  registry = await startRegistry({ htpasswd: HTPASSWD });
  server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on("data", (part) => body.push(part));
    request.on("end", () => {
      if (request.url?.startsWith("/v1/") === true) collected.push(Buffer.concat(body));
      else asked.push(request.headers.authorization ?? "");
      // Long enough to look at whoever asks.
      setTimeout(() => response.writeHead(request.url?.startsWith("/r.git") ? 404 : 200).end("{}"), 700);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
places.after(async () => {
  if (problem !== undefined) return;
  server.close();
  await registry.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** What it looks like in text: as it is, in base64 wherever it stands, in hexadecimal, in JSON, URLs and shells. */
function formsOf(value: string): readonly string[] {
  const bases = [0, 1, 2].map((before) => {
    const whole = Buffer.from("x".repeat(before) + value)
      .toString("base64")
      .replace(/=+$/, "");
    return whole.slice(before === 0 ? 0 : 4, before === 0 ? undefined : -2).slice(0, -2);
  });
  const plain = [
    value,
    Buffer.from(value).toString("hex"),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
  ];
  const html = value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return [
    ...new Set([...plain, html, ...bases, ...bases.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))]),
  ];
}

const TOKEN_FORMS = formsOf(TOKEN);
const FORMS = [...TOKEN_FORMS, ...formsOf(PASSWORD), ...formsOf(`me:${PASSWORD}`)];

/** The forms that a text has, with lines of base64 joined. */
function told(text: string, forms: readonly string[] = FORMS): readonly string[] {
  const joined = text.replaceAll("\\n", "").replaceAll("\n", "");
  return forms.filter((form) => text.includes(form) || joined.includes(form));
}

/** Files below a folder that tell it, compressed ones unpacked. */
function filesThatTell(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }) as {
    isFile(): boolean;
    name: string;
    parentPath: string;
  }[];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
      return told(plain.toString("latin1")).length > 0;
    });
}

/** How many namespaces of processes deep a process is: containers are two below the engine. */
function depthOf(pid: string): number {
  return (/^NSpid:\s+(.*)$/m.exec(readProcess(pid, "status"))?.[1] ?? "").split(/\s+/).length;
}

const ownDepth = depthOf("self");

/**
 * What processes of this machine, and not of containers, show of it: arguments to everybody, variables to their user. The
 * password is one that other tests have too, so that it counts only where something of this test is beside it.
 */
function look(seen: Set<string>): void {
  for (const pid of listProcesses()) {
    if (Number(pid) === process.pid || depthOf(pid) >= ownDepth + 2) continue;
    const [args, variables] = [readProcess(pid, "cmdline"), readProcess(pid, "environ")];
    // It is just becoming another program or ending: its name is not known yet, and it is looked at again.
    if (args === "") continue;
    const forms = `${args}${variables}`.includes(dir) ? FORMS : TOKEN_FORMS;
    if (told(args, forms).length > 0) seen.add(`arguments of ${args.replaceAll("\0", " ").slice(0, 80)}`);
    if (told(variables, forms).length > 0) seen.add(`variables of ${args.split("\0")[0]}`);
  }
}

interface Ran {
  readonly code: number | null;
  readonly said: string;
  readonly seen: readonly string[];
}

/** Runs a command, and looks at all processes of the machine meanwhile, as often as it can. */
async function run(...args: readonly string[]): Promise<Ran> {
  const env = {
    PATH: process.env["PATH"],
    HOME: join(dir, "tmp"),
    TMPDIR: join(dir, "tmp"),
    SLIPWAY_STORE: join(dir, "store"),
    NO_COLOR: "1",
    NO_PROXY: "127.0.0.1",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  };
  const words = [...args.slice(0, 1), "--progress=plain", "--trace", join(dir, "out/trace.html"), ...args.slice(1)];
  const command = spawn(SLIPWAY, words, { cwd: join(dir, "using"), env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [command.stdout, command.stderr]) stream.on("data", (part) => (said += part));
  const seen = new Set<string>();
  const closed = once(command, "close");
  let isDone = false;
  closed.then(() => (isDone = true));
  while (!isDone) {
    look(seen);
    await new Promise((next) => setTimeout(next, 3));
  }
  return { code: command.exitCode, said, seen: [...seen] };
}

/** That nothing of a run tells it: neither what it printed, nor its processes, traces, store and temporary files. */
function tellsNothing({ said, seen }: Ran, allowed: readonly string[] = []): void {
  assert.equal(told(said), [], said);
  assert.equal(
    seen.filter((each) => !allowed.includes(each)),
    [],
  );
  assert.equal(filesThatTell(join(dir, "store")), []);
  assert.equal(filesThatTell(join(dir, "tmp")), []);
  assert.equal(filesThatTell(join(dir, "out")), []);
  for (const body of collected) assert.equal(told(body.toString("latin1")), []);
}

const given = () => ["--root", join(dir, "root"), "--token", `file:${join(dir, "given/token")}`];

places("is found by this test wherever it is told", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  for (const form of FORMS) assert.ok(told(`before ${form} after`).length > 0, form);
  for (const before of ["", "a", "ab", "abc"])
    assert.ok(told(spawnSync("base64", { input: `${before}${TOKEN}\n`, encoding: "utf8" }).stdout).length > 0);
  const folder = join(dir, "told");
  mkdirSync(folder);
  writeFileSync(join(folder, "f.gz"), gzipSync(`x${TOKEN}`));
  assert.equal(filesThatTell(folder), [join(folder, "f.gz")]);
  const telling = spawn("sh", ["-c", "read line", TOKEN], { env: { PASSWORD, dir } });
  const seen = new Set<string>();
  try {
    await waitUntil("both are seen", async () => {
      look(seen);
      return seen.size === 2;
    });
  } finally {
    telling.kill("SIGKILL");
  }
  assert.equal([...seen].sort(), [`arguments of ${`sh -c read line ${TOKEN} `.slice(0, 80)}`, "variables of sh"]);
  return undefined;
});

places("used in variables, mounts, services, Dockerfiles and commands: it is nowhere", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const ran = await run("call", "run", ...given());
  assert.is(ran.code, 0, ran.said);
  assert.match(ran.said, "***");
  tellsNothing(ran);
  assert.ok(collected.length > 0);
  assert.ok(existsSync(join(dir, "out/trace.html")));
  return undefined;
});

places("of an exec that fails: it is in no message, page or kept run", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const ran = await run("call", "failing", ...given());
  assert.is(ran.code, 3, ran.said);
  assert.match(ran.said, "***");
  tellsNothing(ran);
  const shown = spawnSync(SLIPWAY, ["trace", "1"], {
    cwd: join(dir, "using"),
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: join(dir, "tmp"), SLIPWAY_STORE: join(dir, "store") },
  });
  assert.is(shown.status, 0, shown.stderr);
  assert.equal(told(shown.stdout + shown.stderr), []);
  return undefined;
});

places("of many lines: none of them is in a message, a page, a kept run or what a collector gets", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const body = [1, 2].map(() => randomBytes(48).toString("base64"));
  const pem = ["-----BEGIN PRIVATE KEY-----", ...body, "-----END PRIVATE KEY-----"];
  const lines = [
    "apiVersion: v1",
    "users:",
    "- name: x",
    `  token: ${TOKEN}`,
    "  key: |",
    ...pem.map((line) => `    ${line}`),
  ];
  writeFileSync(join(dir, "given/many"), `${lines.join("\n")}\n`);
  const many = `file:${join(dir, "given/many")}`;
  const ran = await run("call", "lines", "--root", join(dir, "root"), "--token", many);
  assert.is(ran.code, 3, ran.said);
  assert.match(ran.said, "***");
  tellsNothing(ran);
  const page = readFileSync(join(dir, "out/trace.html"), "utf8");
  const kept = readdirSync(join(dir, "store/traces")).map((name) =>
    readFileSync(join(dir, "store/traces", name), "utf8"),
  );
  const sent = collected.map((bytes) => bytes.toString("latin1"));
  for (const text of [ran.said, page, ...kept, ...sent]) assert.equal(told(text, body.flatMap(formsOf)), []);
  return undefined;
});

places("in a container that becomes an image: it is in no layer, configuration or history", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const ran = await run("call", "image", ...given(), "-o", join(dir, "out/image.tar"));
  assert.is(ran.code, 0, ran.said);
  assert.ok(existsSync(join(dir, "out/image.tar")));
  tellsNothing(ran);
  return undefined;
});

places("for a registry: it is pushed with and pulled with, and told to the registry alone", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const password = ["--password", `file:${join(dir, "given/password")}`];
  const ran = await run("call", "publish", ...given(), "--address", registry.address, ...password);
  assert.is(ran.code, 0, ran.said);
  assert.match(ran.said, "pulled");
  tellsNothing(ran);
  const wrong = ["--password", `file:${join(dir, "given/token")}`];
  const refused = await run("call", "publish", ...given(), "--address", registry.address, ...wrong);
  assert.is.not(refused.code, 0);
  assert.match(refused.said, "401 Unauthorized");
  tellsNothing(refused);
  return undefined;
});

places("for an address or a repository: the server gets it, and nobody sees it on the way", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const secret = `file:${join(dir, "given/token")}`;
  const http = await run("core", "http", "--url", `http://127.0.0.1:${port}/f`, "--auth-header", secret, "contents");
  assert.is(http.code, 0, http.said);
  assert.ok(asked.includes(TOKEN), asked.join());
  tellsNothing(http);
  const git = ["core", "git", "--url", `http://127.0.0.1:${port}/r.git`, "--http-auth-token", secret, "branches"];
  const ran = await run(...git);
  assert.is.not(ran.code, 0);
  assert.ok(
    asked.some((header) => Buffer.from(header.slice(6), "base64").toString().endsWith(`:${TOKEN}`)),
    asked.join(),
  );
  // Variables of a process are shown to its own user alone.
  tellsNothing(ran, [
    "variables of git",
    "variables of /usr/lib/git-core/git",
    "variables of /usr/lib/git-core/git-remote-http",
  ]);
  return undefined;
});

places.run();
