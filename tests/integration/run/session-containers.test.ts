import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";

/** What a session makes of its containers' configuration, seen by a real process in them. */
const containers = suite("containers of a session");
const storeDir = mkdtempSync(join(tmpdir(), "slipway-session-"));
let sandbox: RunSandbox;
let open: OpenSession;

containers.before(async () => {
  sandbox = new RunSandbox();
  open = await openTestSession({ workdir: storeDir, storeDir: join(storeDir, "store") });
});
containers.after(async () => {
  await open.close();
  await sandbox.close();
  rmSync(storeDir, { recursive: true, force: true });
});

async function idOf(query: string): Promise<string> {
  return (await onlyValue(query)) as string;
}

/** The one value that an answer has, however deep it lies; an error is thrown. */
async function onlyValue(query: string): Promise<unknown> {
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  assert.is(body.errors, undefined, JSON.stringify(body.errors));
  let value = body.data;
  while (typeof value === "object" && value !== null && !Array.isArray(value)) value = Object.values(value)[0];
  return value;
}

/** What a shell prints in a container of busybox with these calls. */
async function printed(calls: readonly string[], script: string): Promise<unknown> {
  const rootfs = await idOf(`{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`);
  const empty = await idOf("{directory{id}}");
  const all = [
    `withRootfs(directory:"${rootfs}")`,
    ...calls.map((call) => call.replace("EMPTY", empty)),
    `withExec(args:["/bin/sh","-c",${JSON.stringify(script)}])`,
  ];
  return await onlyValue(`{container{${all.join("{")}{stdout}${"}".repeat(all.length + 1)}`);
}

const owners = (...paths: readonly string[]) =>
  `for path in ${paths.join(" ")}; do set -- $(ls -ldn $path); echo $path $3:$4; done`;

for (const [what, calls, script, output] of [
  [
    "a working directory that is made belongs to the user, with the folders above it",
    ['withUser(name:"1000:1001")', 'withWorkdir(path:"/made/inner")'],
    owners("/made", "/made/inner"),
    "/made 1000:1001\n/made/inner 1000:1001\n",
  ],
  [
    "whether the user is set before or after it",
    ['withWorkdir(path:"/made/inner")', 'withUser(name:"1000:1001")'],
    owners("/made", "/made/inner"),
    "/made 1000:1001\n/made/inner 1000:1001\n",
  ],
  [
    "a folder above it that is there already stays root's",
    ['withUser(name:"1000")', 'withWorkdir(path:"/bin/inner")'],
    owners("/bin", "/bin/inner"),
    "/bin 0:0\n/bin/inner 1000:0\n",
  ],
  ["without a user it is root's", ['withWorkdir(path:"/made")'], owners("/made"), "/made 0:0\n"],
  [
    "the user can write to it",
    ['withUser(name:"1000:1001")', 'withWorkdir(path:"/made")'],
    "echo x > file && ls",
    "file\n",
  ],
  [
    "what a file needs above it is root's, whoever the user is",
    ['withUser(name:"1000:1001")', 'withNewFile(path:"/above/file",contents:"x")'],
    owners("/above", "/above/file"),
    "/above 0:0\n/above/file 0:0\n",
  ],
  [
    "a working directory that a file or a folder in it has made before is root's too",
    [
      'withUser(name:"1000:1001")',
      'withWorkdir(path:"/early/inner")',
      'withNewFile(path:"file",contents:"x")',
      'withDirectory(path:"folder",source:"EMPTY")',
    ],
    owners("/early", "/early/inner", "/early/inner/file", "/early/inner/folder"),
    "/early 0:0\n/early/inner 0:0\n/early/inner/file 0:0\n/early/inner/folder 0:0\n",
  ],
  [
    "mounts at paths that are not clean are found at the clean ones",
    ['withMountedTemp(path:"/one/")', 'withMountedTemp(path:"/one/../two")', 'withMountedTemp(path:"//three")'],
    "grep -E '/(one|two|three) ' /proc/mounts | while read -r kind place rest; do echo $kind $place; done",
    "tmpfs /one\ntmpfs /two\ntmpfs /three\n",
  ],
] as const) {
  containers(what, async () => assert.is(await printed(calls, script), output));
}

containers("a folder that is mounted later does not cover a secret below it", async () => {
  const secret = await idOf('{setSecret(name:"below",plaintext:"not-shown"){id}}');
  const calls = [`withMountedSecret(path:"/over/secret",source:"${secret}")`, 'withMountedTemp(path:"/over")'];
  assert.is(await printed(calls, "wc -c < /over/secret"), "9\n");
});

containers("a file for the output is not made in a working directory that is not there yet", async () => {
  const rootfs = await idOf(`{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`);
  const exec = 'withExec(args:["/bin/true"],redirectStdout:"out"){sync}';
  const query = `{container{withRootfs(directory:"${rootfs}"){withWorkdir(path:"/made"){${exec}}}}}`;
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  assert.match(
    body.errors?.[0]?.message ?? "",
    /^open redirect stdout file: open .*\/made\/out: no such file or directory$/,
  );
});

for (const [port, problem] of [
  ["{backend:53,protocol:UDP}", /^forwarding UDP ports is not supported by the embedded engine yet/],
  ["{backend:65536}", /^listen tcp: address 65536: invalid port$/],
  ["{backend:-1}", /^listen tcp: address -1: invalid port$/],
  ["{frontend:70000,backend:80}", /^listen tcp: address 70000: invalid port$/],
] as const) {
  containers(`a service of the host at the port ${port} is refused when it starts`, async () => {
    const { body } = await answer(open.graph, coreCatalogue(), { query: `{host{service(ports:[${port}]){start}}}` });
    assert.match(body.errors?.[0]?.message ?? JSON.stringify(body.data), problem);
  });
}

containers.run();
