import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SessionEvent } from "../../../engine/src/api/session.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { askCore, type Problem } from "../../support/core-query.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";
import { untilWritten } from "../../support/written-file.ts";

/** When a service whose image has a health check can be used, seen by real processes. */
const checks = suite("health checks of services");
const storeDir = mkdtempSync(join(tmpdir(), "slipway-health-"));
let sandbox: RunSandbox;
let open: OpenSession;
let rootfs: string;

checks.before(async () => {
  sandbox = new RunSandbox();
  for (const [name, mode] of [
    ["plain", 0o644],
    ["junk", 0o755],
  ] as const)
    writeFileSync(join(sandbox.rootDir, name), "junk", { mode });
  open = await openTestSession({ workdir: storeDir, storeDir: join(storeDir, "store") });
  rootfs = await answerTo(`{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`);
});
checks.after(async () => {
  await open.close();
  await sandbox.close();
  rmSync(storeDir, { recursive: true, force: true });
});

const ask = (query: string) => askCore(open, query);

async function answerTo(query: string): Promise<string> {
  const { value, problem } = await ask(query);
  assert.is(problem, undefined, JSON.stringify(problem));
  return value;
}

/** A container of busybox after these calls, with a selection of it. */
function container(calls: readonly string[], selection: string): string {
  const all = [`withRootfs(directory:"${rootfs}")`, `withEnvVariable(name:"RUN",value:"${Math.random()}")`, ...calls];
  return `{container{${all.join("{")}{${selection}}${"}".repeat(all.length + 1)}`;
}

const shell = (script: string) => `asService(args:["/bin/sh","-c",${JSON.stringify(script)}])`;
const check = (args: readonly string[], more = "") =>
  `withDockerHealthcheck(args:${JSON.stringify(args)}${more === "" ? "" : `,${more}`})`;

/** What a client that is bound to the service as `web` prints, or why it does not run. */
async function client(calls: readonly string[], service: string, script: string) {
  const id = await answerTo(container(calls, `${service}{id}`));
  const exec = `withExec(args:["/bin/sh","-c",${JSON.stringify(script)}]){stdout}`;
  return await ask(container([`withServiceBinding(alias:"web",service:"${id}")`], exec));
}

/** Why the service does not start, without its name. */
async function refusal(calls: readonly string[], service: string): Promise<Problem> {
  const { problem } = await client(calls, service, "echo it runs");
  assert.ok(problem !== undefined, "it runs");
  return { ...problem, message: problem.message.replace(/^start \S+ /, "start <id> ") };
}

const EVERY = 'startInterval:"50ms"';

checks("a service can be used when its check passes, whether its ports are open or not", async () => {
  const service = shell("sleep 0.4; touch /ready; exec nc -ll -p 80 -e echo answer");
  const said = await client(
    [check(["/bin/sh", "-c", "test -e /ready && echo yes"], `${EVERY},startPeriod:"20s"`), "withExposedPort(port:9)"],
    service,
    "for try in 1 2 3 4 5 6 7 8 9; do nc web 80 </dev/null && break; sleep 0.1; done",
  );
  assert.equal(said, { value: "answer\n", problem: undefined });
});

checks("without its check it waits for its ports again", async () => {
  const calls = [check(["/bin/sh", "-c", "exit 1"]), "withoutDockerHealthcheck", "withExposedPort(port:80)"];
  const said = await client(calls, shell("exec nc -ll -p 80 -e echo answer"), "nc web 80 </dev/null");
  assert.equal(said, { value: "answer\n", problem: undefined });
});

checks("a check that fails is told with what it printed, and is no check of the ports", async () => {
  const args = ["/bin/sh", "-c", "echo 'check said no'; echo 'eek' >&2; exit 42"];
  const failed = await refusal([check(args, `${EVERY}`), "withExposedPort(port:80)"], shell("nc -ll -p 80 -e echo x"));
  assert.is(failed.message, "start <id> (aliased as web): health check errored: exit code: 42");
  assert.equal(failed.extensions, {
    _type: "EXEC_ERROR",
    cmd: args,
    exitCode: 42,
    stdout: "check said no\n",
    stderr: "eek\n",
  });
});

checks("a check in a shell runs in the image's shell", async () => {
  const failed = await refusal([check(["echo $0 $A; exit 3"], `shell:true,${EVERY}`)], shell("sleep 60"));
  assert.is(failed.extensions?.["stdout"], "/bin/sh\n");
  assert.equal(failed.extensions?.["cmd"], ["/bin/sh", "-c", "echo $0 $A; exit 3"]);
});

for (const [more, times] of [
  ["", 3],
  ["retries:1", 1],
  ["retries:5", 5],
  ["retries:0", 3],
  ["retries:-2", 3],
  ['retries:2,timeout:"1ms"', 2],
] as const) {
  checks(`a check with ${more === "" ? "nothing said" : more} is run ${times} times`, async () => {
    const count = check(
      ["echo x >> /count; cat /count; exit 1"],
      `shell:true,${EVERY}${more === "" ? "" : `,${more}`}`,
    );
    const failed = await refusal([count], shell("sleep 60"));
    assert.is(failed.extensions?.["stdout"], "x\n".repeat(times));
  });
}

checks("failures in the start period do not count", async () => {
  const count = check(["echo x >> /count; cat /count; exit 1"], `shell:true,${EVERY},startPeriod:"3s",retries:1`);
  const began = Date.now();
  const failed = await refusal([count], shell("sleep 60"));
  assert.ok(Date.now() - began >= 3000);
  assert.ok(String(failed.extensions?.["stdout"]).length > 6, String(failed.extensions?.["stdout"]));
});

checks("the interval counts when there is no start interval", async () => {
  const count = check(["echo x >> /count; cat /count; exit 1"], 'shell:true,interval:"400ms",retries:3');
  const began = Date.now();
  await refusal([count], shell("sleep 60"));
  assert.ok(Date.now() - began >= 800);
});

checks(
  "the check runs as the user, in the folder, with the variables of the service, without its secrets",
  async () => {
    const secret = await answerTo('{setSecret(name:"check",plaintext:"not-shown"){id}}');
    const calls = [
      'withUser(name:"1000:1001")',
      'withWorkdir(path:"/made")',
      'withEnvVariable(name:"A",value:"b c")',
      'withEnvVariable(name:"HOME",value:"/there")',
      `withSecretVariable(name:"S",secret:"${secret}")`,
      check(
        ["id; pwd; echo $A $HOME $PATH; env | grep -c ^S=; grep -E 'CapEff|Seccomp:' /proc/self/status; exit 1"],
        `shell:true,${EVERY},retries:1`,
      ),
    ];
    const failed = await refusal(calls, shell("sleep 60"));
    assert.equal(String(failed.extensions?.["stdout"]).split("\n"), [
      "uid=1000 gid=1001",
      "/made",
      "b c /there /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "0",
      "CapEff:\t0000000000000000",
      "Seccomp:\t2",
      "",
    ]);
  },
);

checks("what a check prints of a secret is hidden", async () => {
  const secret = await answerTo('{setSecret(name:"check",plaintext:"not-shown"){id}}');
  const calls = [
    `withMountedSecret(path:"/secret",source:"${secret}")`,
    check(["cat /secret; exit 1"], `shell:true,${EVERY},retries:1`),
  ];
  assert.is((await refusal(calls, shell("sleep 60"))).extensions?.["stdout"], "***");
});

for (const [command, said] of [
  [
    "no-such-command",
    'exec failed: unable to start container process: exec: "no-such-command": executable file not found in $PATH\n',
  ],
  [
    "/no/such",
    'exec failed: unable to start container process: exec: "/no/such": stat /no/such: no such file or directory\n',
  ],
  ["/plain", 'exec failed: unable to start container process: exec: "/plain": permission denied\n'],
  ["/junk", "exec /junk: exec format error\n"],
] as const) {
  checks(`a check whose command is ${command} fails with exit code 255 and the reason`, async () => {
    const failed = await refusal([check([command], `${EVERY},retries:1`)], shell("sleep 60"));
    assert.is(failed.message, "start <id> (aliased as web): health check errored: exit code: 255");
    assert.is(failed.extensions?.["stderr"], said);
  });
}

checks("a service that ends while it is checked is told as the one that ended", async () => {
  const waits = check(["sleep 60"], `shell:true,${EVERY}`);
  const failed = await refusal([waits], shell("sleep 0.3; echo gone; exit 7"));
  assert.is(failed.message, "start <id> (aliased as web): exit code: 7");
  assert.is(failed.extensions?.["stdout"], "gone\n");
});

checks("a service that ends well before its check passes has ended too early", async () => {
  const failed = await refusal([check(["exit 1"], 'shell:true,interval:"1m"')], shell("sleep 0.3"));
  assert.is(failed.message, "start <id> (aliased as web): service exited before healthcheck");
  assert.is(failed.extensions?.["exitCode"], -1);
});

checks("a service that is started alone tells the same without a name", async () => {
  const id = await answerTo(container([check(["exit 5"], `shell:true,${EVERY}`)], `${shell("sleep 60")}{id}`));
  const { problem } = await ask(`{node(id:"${id}"){...on Service{start}}}`);
  assert.is(problem?.message, "health check errored: exit code: 5");
});

checks("after its check has passed it is watched no more", async () => {
  const once = check(["test ! -e /checked && touch /checked"], `shell:true,${EVERY},retries:1`);
  const said = await client(
    [once],
    shell("exec nc -ll -p 80 -e cat /checked"),
    "sleep 0.4; nc web 80 </dev/null; echo ok",
  );
  assert.equal(said, { value: "ok\n", problem: undefined });
});

checks("a service whose own service ends is ended too, and tells why", async () => {
  const needed = await answerTo(container([], `${shell("sleep 0.5; exit 7")}{id}`));
  const calls = [`withServiceBinding(alias:"base",service:"${needed}")`];
  const { problem } = await client(calls, shell("sleep 60"), "sleep 60");
  assert.match(
    problem?.message ?? "it runs",
    /^bound service \S+ \(aliased as web\) exited: bound service \S+ \(aliased as base\) exited: exit code: 7$/,
  );
});

checks("also while it is not ready yet", async () => {
  const needed = await answerTo(container([], `${shell("sleep 0.5; exit 7")}{id}`));
  const calls = [`withServiceBinding(alias:"base",service:"${needed}")`, check(["exit 1"], 'shell:true,interval:"1m"')];
  const failed = await refusal(calls, shell("sleep 60"));
  assert.match(
    failed.message,
    /^start <id> \(aliased as web\): bound service \S+ \(aliased as base\) exited: exit code: 7$/,
  );
});

checks("a service that is stopped and started again runs once, also when the first one has gone", async () => {
  const folder = join(storeDir, "again");
  const begun: string[] = [];
  const report = (event: SessionEvent) => void (event.kind === "start" && begun.push(event.name));
  const other = await openTestSession({ workdir: storeDir, storeDir: folder, report });
  try {
    const { value: root } = await askCore(other, `{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`);
    // Its port is open once it hears the signal.
    const slow =
      "trap 'echo told >/told; sleep 0.5; exit 0' TERM; nc -ll -p 80 -e true & while true; do sleep 0.1; done";
    const service = `withRootfs(directory:"${root}"){withExposedPort(port:80){${shell(slow)}{id}}}`;
    const { value: id } = await askCore(other, `{container{${service}}}`);
    const call = async (field: string) => (await askCore(other, `{node(id:"${id}"){...on Service{${field}}}}`)).problem;
    assert.is(await call("start"), undefined);
    const stopping = call("stop");
    await untilWritten(folder, "told");
    assert.is(await call("start"), undefined);
    assert.is(await stopping, undefined);
    assert.is(await call("start"), undefined);
    assert.is(begun.filter((name) => name.startsWith("service ")).length, 2);
  } finally {
    await other.close();
  }
});

checks.run();
