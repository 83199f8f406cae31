import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { openTestSession } from "../../support/test-session.ts";
import { withVariables } from "../../support/with-variables.ts";
import { writeFiles } from "../../support/write-files.ts";

// A real git over HTTP, behind a server that wants credentials and remembers what it was given.
const credentials = suite("credentials for git and HTTP");
const dir = mkdtempSync(join(tmpdir(), "slipway-credentials-"));
const heard: string[] = [];
let wanted = "";
const BASIC = { "www-authenticate": 'Basic realm="repositories"' };
let server: Server;
let other: Server;
let open: OpenSession;

credentials.before(async () => {
  const git = (...args: string[]) => execFileSync("git", ["-C", join(dir, "repo"), ...args], { stdio: "pipe" });
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", join(dir, "repo")]);
  writeFileSync(join(dir, "repo", "file"), "of the repository\n");
  git("add", "file");
  git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", "one");
  server = await listening((request, response) => {
    heard.push(request.headers.authorization ?? "");
    if (request.headers.authorization !== wanted) return void response.writeHead(401, BASIC).end();
    if (request.url === "/file") return void response.end("of the server\n");
    answerGit(request, response);
  });
  // Sends whoever asks on to the first one, under another name.
  other = await listening((request, response) => {
    const { port } = server.address() as AddressInfo;
    response.writeHead(302, { location: `http://localhost:${port}${request.url}` }).end();
  });
  open = await openTestSession({ workdir: dir, storeDir: join(dir, "store") });
});
credentials.after(async () => {
  await open.close();
  for (const each of [server, other]) await new Promise((resolve) => each.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

async function listening(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const made = createServer(handle);
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return made;
}

/** Git's own program for this, as a web server starts it. */
function answerGit(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://x");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"],
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(child.stdin);
  const parts: Buffer[] = [];
  child.stdout
    .on("data", (part: Buffer) => parts.push(part))
    .once("end", () => {
      const whole = Buffer.concat(parts);
      const end = whole.indexOf("\r\n\r\n");
      const headers = whole.subarray(0, end).toString("latin1").split("\r\n");
      const pairs = headers.map((line) => line.split(": ") as [string, string]);
      const status = pairs.find(([name]) => name === "Status")?.[1];
      response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10), Object.fromEntries(pairs));
      response.end(whole.subarray(end + 4));
    });
}

async function inner(query: string): Promise<unknown> {
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  let value: unknown = body.errors === undefined ? body.data : { error: body.errors[0]?.message };
  while (typeof value === "object" && value !== null && !Array.isArray(value) && !("error" in value))
    value = Object.values(value)[0];
  return value;
}

async function secret(plaintext: string): Promise<string> {
  return (await inner(`{setSecret(name:"${plaintext}",plaintext:"${plaintext}"){id}}`)) as string;
}

const addressOf = (of: Server) => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

/** What the file of the repository says, asked for with these arguments. */
async function fromGit(args: string, at = addressOf(server)): Promise<unknown> {
  heard.length = 0;
  return await inner(`{git(url:"${at}/repo/.git",${args}){branch(name:"main"){tree{file(path:"file"){contents}}}}}`);
}

for (const [what, args, header] of [
  ["a token goes with the usual name", 'httpAuthToken:"TOKEN"', basic("x-access-token:tok")],
  ["a token goes with the name that is given", 'httpAuthUsername:"me",httpAuthToken:"TOKEN"', basic("me:tok")],
  ["a header goes as it is", 'httpAuthHeader:"HEADER"', "Bearer head"],
  ["a token counts before a header", 'httpAuthHeader:"HEADER",httpAuthToken:"TOKEN"', basic("x-access-token:tok")],
] as const) {
  credentials(`${what}`, async () => {
    wanted = header;
    const given = args.replace("TOKEN", await secret("tok")).replace("HEADER", await secret("Bearer head"));
    assert.is(await fromGit(given), "of the repository\n");
    assert.equal([...new Set(heard)], [header]);
  });
}

credentials("of git go to no other host that the address leads to", async () => {
  wanted = basic("x-access-token:tok");
  const refused = (await fromGit(`httpAuthToken:"${await secret("tok")}"`, addressOf(other))) as { error: string };
  assert.match(refused.error, /./);
  assert.equal([...new Set(heard)], [""]);
});

/** With a home whose git knows a login by a helper, which counts how often it is asked. */
async function atHome<T>(login: string, work: () => Promise<T>): Promise<readonly [T, number]> {
  const home = mkdtempSync(join(dir, "home-"));
  const asked = join(home, "asked");
  const helper = `!f() { [ "$1" = get ] || exit 0; echo once >> ${asked}; ${login}; }; f`;
  writeFiles(home, { ".gitconfig": `[credential]\n\thelper = "${helper}"\n`, asked: "" });
  const found = await withVariables({ HOME: home, GIT_ASKPASS: "/bin/false" }, work);
  return [found, readFileSync(asked, "utf8").split("once").length - 1];
}

const file = () => fromGit("keepGitDir:false");

credentials("of git that nobody knows are asked of nobody, and git says so", async () => {
  wanted = basic("nobody:knows");
  const [found, asked] = await atHome("exit 1", file);
  assert.match((found as { error: string }).error, "could not read Username");
  assert.ok(asked > 0);
});

credentials("of git are those that a helper of the person knows, where the server wants any", async () => {
  wanted = basic("me:of-the-helper");
  const [found, asked] = await atHome("echo username=me; echo password=of-the-helper", file);
  assert.is(found, "of the repository\n");
  assert.ok(asked > 0);
  assert.equal([...new Set(heard)].sort(), ["", wanted]);
});

credentials("of git that the call gives count alone", async () => {
  wanted = basic("me:of-the-helper");
  const token = await secret("not-right");
  const [found, asked] = await atHome("echo username=me; echo password=of-the-helper", () =>
    fromGit(`httpAuthToken:"${token}"`),
  );
  assert.match((found as { error: string }).error, /./);
  assert.is(asked, 0);
});

credentials("that are wrong are told by git, without the secret", async () => {
  wanted = "Basic other";
  const { error } = (await fromGit(`httpAuthToken:"${await secret("wrong-token")}"`)) as { error: string };
  assert.not.match(error, /wrong-token|d3Jvbmct/);
});

credentials("a header for a file goes as it is", async () => {
  wanted = "Bearer file";
  const asked = `{http(url:"${addressOf(server)}/file",authHeader:"${await secret("Bearer file")}"){contents}}`;
  assert.is(await inner(asked), "of the server\n");
  const { error } = (await inner(`{http(url:"${addressOf(server)}/file?2"){contents}}`)) as { error: string };
  assert.match(error, /401/);
});

/** Stands for ssh: notes what it is told, and runs the command here. */
const SSH = `#!/bin/sh
{ echo "agent $SSH_AUTH_SOCK"; echo "args $*"; for word; do case $word in UserKnownHostsFile=*) cat "\${word#*=}";; esac; done; } >> "$0.log"
for last; do :; done
exec sh -c "$last"
`;

credentials("of ssh are the socket and the hosts that are given", async () => {
  const bin = join(dir, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "ssh"), SSH, { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}:${path}`;
  try {
    const socket = (await inner('{host{unixSocket(path:"/agent.sock"){id}}}')) as string;
    const url = `ssh://git@example.org${dir}/repo/.git`;
    const branch = (args: string) => `{git(url:"${url}"${args}){branch(name:"main"){commit}}}`;
    const { error } = (await inner(branch(""))) as { error: string };
    assert.is(error, "git authentication failed: SSH URLs are not supported without an SSH socket");
    const given = `,sshAuthSocket:"${socket}",sshKnownHosts:"example.org ssh-ed25519 AAAA"`;
    assert.match(String(await inner(branch(given))), /^[0-9a-f]{40}$/);
    const log = readFileSync(join(bin, "ssh.log"), "utf8");
    assert.match(log, /^agent \/agent\.sock$/m);
    assert.match(log, /^args -F \/dev\/null -o UserKnownHostsFile=/m);
    assert.match(log, /^example\.org ssh-ed25519 AAAA/m);
    writeFileSync(
      join(bin, "ssh"),
      "#!/bin/sh\necho 'git@example.org: Permission denied (publickey).' >&2; exit 255\n",
    );
    const refused = (await inner(branch(`${given},keepGitDir:true`))) as { error: string };
    assert.match(refused.error, "git error: git@example.org: Permission denied (publickey).");
    assert.match(refused.error, "\n  to do: give ssh a key that this server accepts");
  } finally {
    process.env["PATH"] = path;
  }
});

credentials("aside: the folder of git is left out where that is asked for", async () => {
  wanted = "Bearer head";
  const header = await secret("Bearer head");
  const tree = (args: string) =>
    `{git(url:"${addressOf(server)}/repo/.git",httpAuthHeader:"${header}"${args}){branch(name:"main"){tree{entries}}}}`;
  assert.equal(await inner(tree("")), [".git/", "file"]);
  assert.equal(await inner(tree(",keepGitDir:true")), [".git/", "file"]);
  assert.equal(await inner(tree(",keepGitDir:false")), ["file"]);
});

credentials.run();
