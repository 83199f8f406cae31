import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Stack } from "../../e2e/stack.ts";
import { writeFiles } from "../../support/write-files.ts";

/** Stacks of what is no service with a port, and of images that say themselves when they are ready. */
const kinds = suite("workers, jobs and health checks in a stack");
const program = resolve("slipway");
const LIMIT_MS = 240_000;
const folders: string[] = [];

kinds.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function repository(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-kinds-"));
  folders.push(folder);
  writeFiles(folder, files);
  await execa("git", ["init", "--quiet"], { cwd: folder });
  return folder;
}

/** What the stack answers at its one port, once it does. */
async function answerOf(folder: string, path: string): Promise<string> {
  const stack = await Stack.open(program, folder, [8080]);
  try {
    return await stack.ask(8080, path);
  } finally {
    await stack.close();
  }
}

/** What a stack that cannot start says. */
async function refusal(folder: string): Promise<string> {
  const ended = await execa(program, ["call", "stack", "up"], {
    cwd: folder,
    all: true,
    reject: false,
    timeout: LIMIT_MS,
  });
  assert.is(ended.exitCode === 0, false, ended.all);
  return ended.all ?? "";
}

const shell = (script: string, more = "") =>
  `FROM debian:bookworm-slim\n${more}CMD ["sh", "-c", ${JSON.stringify(script)}]\n`;

const WORKER = "while :; do sleep 1; done";

kinds("workers alone run, and a page says so", async () => {
  const folder = await repository({
    "slipway.yaml": "services:\n  mails: { kind: worker }\n  orders: { kind: worker }\n",
    "mails/Dockerfile": shell(WORKER),
    "orders/Dockerfile": shell(WORKER),
  });
  assert.is(
    await answerOf(folder, "/"),
    "worker mails runs\nworker orders runs\nno service has a port: this is all that the stack says at port 8080\n",
  );
});

kinds("a job has run to its end beside its database before who needs it starts", async () => {
  const folder = await repository({
    "slipway.yaml": [
      "services:",
      "  migrate: { kind: job, needs: [store] }",
      "  reader: { kind: worker, needs: [migrate, store] }",
      "backing:",
      '  store: { image: "redis:7-bookworm", port: 6379 }',
      "",
    ].join("\n"),
    "migrate/Dockerfile": redis("sleep 1; redis-cli -h $STORE_HOST set filled yes"),
    "reader/Dockerfile": redis(`test "$(redis-cli -h $STORE_HOST get filled)" = yes || exit 9; ${WORKER}`),
  });
  assert.match(await answerOf(folder, "/"), /^job migrate has succeeded\nworker reader runs\n/);
});

/** As a user that is not root, without the image's own entrypoint; its port, which is exposed, is never open. */
function redis(script: string): string {
  return `FROM redis:7-bookworm\nUSER 1000\nENTRYPOINT []\nCMD ["sh", "-c", ${JSON.stringify(script)}]\n`;
}

kinds("a job that fails ends the stack with its output and its exit code", async () => {
  const folder = await repository({
    "slipway.yaml": "services:\n  migrate: { kind: job }\n  mails: { kind: worker, needs: [migrate] }\n",
    "migrate/Dockerfile": shell("echo migrating; echo no table >&2; exit 3"),
    "mails/Dockerfile": shell(WORKER),
  });
  assert.match(
    await refusal(folder),
    /Error: start \w+ \(aliased as \w+\): (start \w+ \(aliased as migrate\): )?exit code: 3\nStdout:\nmigrating\n\nStderr:\nno table\n/,
  );
});

kinds("a job needs no shell in its image", async () => {
  const folder = await repository({
    "slipway.yaml": "services:\n  once: { kind: job }\n",
    "once/Dockerfile":
      'FROM debian:bookworm-slim AS tools\nRUN apt-get update && apt-get install -y busybox-static\nFROM scratch\nCOPY --from=tools /bin/busybox /busybox\nENTRYPOINT ["/busybox", "echo"]\nCMD ["it ran"]\n',
  });
  assert.match(await answerOf(folder, "/"), /^job once has succeeded\n/);
});

const SERVER = `
import http from "node:http";
setTimeout(() => http.createServer((request, response) => response.end("it is " + request.url)).listen(8080), 700);
`;
const CHECK = `node -e "fetch('http://localhost:8080/health').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"`;
const server = (healthcheck: string) => ({
  "server.mjs": SERVER,
  Dockerfile: `FROM node:22-bookworm-slim\nCOPY server.mjs /\nUSER node\nEXPOSE 8080\n${healthcheck}\nCMD ["node", "/server.mjs"]\n`,
});

for (const [what, healthcheck] of [
  [
    "half a minute between its checks is there when the check passes",
    `HEALTHCHECK --interval=10m --timeout=3s CMD ${CHECK}`,
  ],
  ["a check that is switched off is there when its port is open", "HEALTHCHECK NONE"],
] as const) {
  kinds(`a service with ${what}`, async () => {
    assert.is(await answerOf(await repository(server(healthcheck)), "/page"), "it is /page");
  });
}

kinds("a service whose check never passes ends the stack with what the check said", async () => {
  const check = "HEALTHCHECK --interval=1s --retries=1 CMD echo not yet; exit 1";
  assert.match(
    await refusal(await repository(server(check))),
    /Error: start \w+ \(aliased as \w+\): health check errored: exit code: 1\nStdout:\nnot yet\n/,
  );
});

kinds.run();
