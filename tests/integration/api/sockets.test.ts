import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";

// A real process in a container talks through a socket to a server of the host.
const sockets = suite("sockets of the host in containers");
const dir = mkdtempSync(join(tmpdir(), "slipway-sockets-"));
const path = join(dir, "host.sock");
let sandbox: RunSandbox;
let open: OpenSession;
let server: Server;

sockets.before(async () => {
  sandbox = new RunSandbox();
  addProgram(sandbox.rootDir, "/usr/bin/perl");
  // Answers when the other side has said its end: half a connection has to be passed on too.
  server = createServer({ allowHalfOpen: true }, (socket) => {
    let heard = "";
    socket.on("data", (part: Buffer) => (heard += part)).once("end", () => socket.end(`you said ${heard}`));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  open = await openTestSession({ workdir: dir, storeDir: join(dir, "store") });
});
sockets.after(async () => {
  await open.close();
  await new Promise((resolve) => server.close(resolve));
  await sandbox.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A program of this machine with the libraries that it is linked to. */
function addProgram(root: string, program: string): void {
  const libraries = execFileSync("ldd", [program], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
  for (const file of [program, ...libraries]) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
}

const SAYS = [
  '$SIG{PIPE} = "IGNORE"; socket(S, 1, 1, 0); connect(S, pack("S a*", 1, $ARGV[0])) or die "connect: $!\\n";',
  'syswrite(S, $ARGV[1]); shutdown(S, 1); while (sysread(S, $part, 9) > 0) { print $part } print "\\n"',
].join(" ");

async function idOf(query: string): Promise<string> {
  return (await inner(query)) as string;
}

async function inner(query: string): Promise<unknown> {
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  let value: unknown = body.errors === undefined ? body.data : { error: body.errors[0]?.message };
  while (typeof value === "object" && value !== null && !("error" in value)) value = Object.values(value)[0];
  return value;
}

/** What is printed by a shell after these calls; SOCKET is the id of the host's socket. */
async function printed(calls: readonly string[], script: string, socketPath = path): Promise<unknown> {
  const rootfs = await idOf(`{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`);
  const socket = await idOf(`{host{unixSocket(path:${JSON.stringify(socketPath)}){id}}}`);
  const exec = `withExec(args:["/bin/sh","-c",${JSON.stringify(script)}],expect:ANY)`;
  const all = [`withRootfs(directory:"${rootfs}")`, ...calls.map((call) => call.replace("SOCKET", socket)), exec];
  return await inner(`{container{${all.join("{")}{combinedOutput}${"}".repeat(all.length + 1)}`);
}

const says = (at: string, word: string) => `perl -e '${SAYS}' ${at} ${word} 2>&1`;

sockets("lead to the server, each connection for itself", async () => {
  const script = `${says("/run/my.sock", "one")} & ${says("/run/my.sock", "two")}; wait`;
  const said = String(await printed(['withUnixSocket(path:"/run/my.sock",source:"SOCKET")'], script));
  assert.equal(said.trim().split("\n").sort(), ["you said one", "you said two"]);
});

sockets("belong to root alone, or to the owner that is given", async () => {
  const look = "set -- $(ls -ln /s); echo $1 $3:$4";
  assert.is(await printed(['withUnixSocket(path:"/s",source:"SOCKET")'], look), "srw------- 0:0\n");
  const owned = 'withUnixSocket(path:"/s",source:"SOCKET",owner:"1000:1001")';
  assert.is(await printed([owned], look), "srw------- 1000:1001\n");
  assert.is(await printed(['withUser(name:"1000:1001")', owned], says("/s", "mine")), "you said mine\n");
  const other = 'withUnixSocket(path:"/s",source:"SOCKET")';
  assert.is(await printed(['withUser(name:"1000")', other], says("/s", "x")), "connect: Permission denied\n");
});

sockets("lie at a path below the working directory, with variables where that is asked for", async () => {
  const inWorkdir = ['withWorkdir(path:"/work")', 'withUnixSocket(path:"in/s",source:"SOCKET")'];
  assert.is(await printed(inWorkdir, says("/work/in/s", "a")), "you said a\n");
  const expanded = [
    'withEnvVariable(name:"AT",value:"/at")',
    'withUnixSocket(path:"$AT/s",source:"SOCKET",expand:true)',
  ];
  assert.is(await printed(expanded, says("/at/s", "b")), "you said b\n");
  const plain = ['withEnvVariable(name:"AT",value:"/at")', 'withUnixSocket(path:"/$AT/s",source:"SOCKET")'];
  assert.is(await printed(plain, says("'/$AT/s'", "c")), "you said c\n");
});

sockets("leave nothing in the image, and can be taken away", async () => {
  const calls = [
    'withUnixSocket(path:"/run/my.sock",source:"SOCKET")',
    'withExec(args:["/bin/true"])',
    'withoutUnixSocket(path:"/run/../run/my.sock")',
  ];
  assert.is(await printed(calls, "ls -d /run 2>&1"), "ls: /run: No such file or directory\n");
  const expanded = [
    'withEnvVariable(name:"AT",value:"/at")',
    'withUnixSocket(path:"/at/s",source:"SOCKET")',
    'withoutUnixSocket(path:"$AT/s",expand:true)',
  ];
  assert.is(await printed(expanded, "ls /at 2>&1"), "ls: /at: No such file or directory\n");
});

sockets("end a connection behind which nobody listens", async () => {
  const missing = join(dir, "missing.sock");
  const said = await printed(['withUnixSocket(path:"/s",source:"SOCKET")'], says("/s", "x"), missing);
  assert.match(String(said), /^(connect: .*)?\n?$/);
});

sockets("are what a RUN of a Dockerfile gets that mounts one", async () => {
  const rootfs = `{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`;
  const socket = await idOf(`{host{unixSocket(path:${JSON.stringify(path)}){id}}}`);
  const built = async (run: string, args: string) => {
    const text = JSON.stringify(`FROM scratch\nCOPY . /\nRUN ${run}\n`);
    const directory = `directory{withDirectory(path:"/",source:"${await idOf(rootfs)}"){withNewFile(path:"Dockerfile",contents:${text})`;
    return await inner(`{${directory}{dockerBuild${args}{file(path:"/out"){contents}}}}}}`);
  };
  const given = `(ssh:"${socket}")`;
  const run = (options: string, at: string) => `--mount=type=ssh${options} ${says(at, "hello")} > /out`;
  assert.is(await built(run("", "$SSH_AUTH_SOCK"), given), "you said hello\n");
  assert.is(await built(run(",id=any,required", "/run/buildkit/ssh_agent.0"), given), "you said hello\n");
  assert.is(await built(run(",target=/a/b.sock", "/a/b.sock"), given), "you said hello\n");
  const owner = "--mount=type=ssh,uid=5,gid=6 set -- $(ls -ln $SSH_AUTH_SOCK); echo $1 $3:$4 > /out";
  assert.is(await built(owner, given), "srw------- 5:6\n");
  const variable = "--mount=type=ssh --mount=type=ssh echo $SSH_AUTH_SOCK $(ls $SSH_AUTH_SOCK 2>/dev/null) > /out";
  assert.is(await built(variable, ""), "/run/buildkit/ssh_agent.0\n");
  const refused = async (options: string, args: string) =>
    (await built(`--mount=type=ssh${options} true`, args)) as { error: string };
  assert.match(
    (await refused(",required", "")).error,
    /ssh mount "\w*" is required but no ssh socket mappings were provided$/,
  );
  assert.match((await refused(",mode=0666", given)).error, /ssh mount mode 0666 is unsupported$/);
});

sockets("need an owner that the image knows", async () => {
  const said = await printed(['withUnixSocket(path:"/s",source:"SOCKET",owner:"nobody-here")'], "true");
  assert.match((said as { error: string }).error, /nobody-here/);
});

sockets.run();
