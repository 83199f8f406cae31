import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Images } from "../../../engine/src/image/images.ts";
import { runCommand } from "../../cluster/command.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { startFailingProxy } from "../../support/failing-proxy.ts";
import { type FileServer, startFileServer } from "../../support/file-server.ts";
import { type GitServer, startGitServer } from "../../support/git-server.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";

/** Commands with a network that counts who asks, then the same ones that may not ask, then without any network. */
const offline = suite("--offline");

const dir = mkdtempSync(join(tmpdir(), "slipway-offline-"));
const module = join(dir, "probe");
let registry: Registry;
let proxy: Awaited<ReturnType<typeof startFailingProxy>>;
let web: FileServer;
let git: GitServer;
let image = "";
let env: Readonly<Record<string, string>>;

const SOURCE = `
import { dag, func, object } from "@dagger.io/dagger";
import { word } from "tool";

@object()
export class Probe {
  @func() hello(): string { return word; }
  @func({ cache: "never" }) image(address: string): Promise<string> {
    return dag.container().from(address).withExec(["echo", "from the image"]).stdout();
  }
  @func({ cache: "never" }) reach(address: string, host: string): Promise<string> {
    return dag.container().from(address).withExec(["nc", "-w", "2", host, "80"]).stdout();
  }
}
`;

offline.before(async () => {
  registry = await startRegistry();
  proxy = await startFailingProxy(registry.address, () => undefined);
  image = `${proxy.address}/team/tools:1`;
  await publishImage();
  web = await startFileServer(new Map([["/page.txt", "what a page says\n"]]));
  servePackage();
  git = await startGitServer();
  writeModule(
    join(dir, "source"),
    "far",
    `import { func, object } from "@dagger.io/dagger";\n@object()\nexport class Far {\n  @func() where(): string { return "far away"; }\n}\n`,
  );
  git.commit({
    "far/dagger.json": readFileSync(join(dir, "source/dagger.json"), "utf8"),
    "far/ci/src/index.ts": readFileSync(join(dir, "source/ci/src/index.ts"), "utf8"),
    "text.txt": "in the repository\n",
  });
  git.tag("v1.0.0");
  const packageJson = { type: "module", dependencies: { tool: "1.0.0" } };
  writeModule(module, "probe", SOURCE, { "ci/package.json": JSON.stringify(packageJson) });
  env = {
    SLIPWAY_STORE: join(dir, "store"),
    npm_config_registry: web.url,
    npm_config_cache: join(dir, "npm-cache"),
    SLIPWAY_IMAGES: "registry",
  };
});
offline.after(async () => {
  await git?.stop();
  await web?.stop();
  await proxy?.stop();
  await registry?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function publishImage(): Promise<void> {
  const storeDir = join(dir, "image-store");
  makeBusyboxRoot(join(storeDir, "layers", "own"), ["sh", "echo", "cat", "nc"]);
  const images = new Images({ storeDir, from: "registry" });
  const content = { platform: "linux/amd64", config: { Env: ["PATH=/bin"] }, snapshot: { layers: ["own"] } };
  await images.publish(image.replace(proxy.address, registry.address), [content], []);
}

function servePackage(): void {
  const tree = join(dir, "tool");
  mkdirSync(join(tree, "package"), { recursive: true });
  writeFileSync(
    join(tree, "package/package.json"),
    '{"name":"tool","version":"1.0.0","type":"module","main":"index.js"}',
  );
  writeFileSync(join(tree, "package/index.js"), 'export const word = "from a package";\n');
  const tarball = execFileSync("tar", ["--create", "--gzip", "--directory", tree, "package"]);
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const dist = { tarball: `${web.url}/tool.tgz`, integrity };
  const versions = { "1.0.0": { name: "tool", version: "1.0.0", type: "module", main: "index.js", dist } };
  web.files.set("/tool", JSON.stringify({ name: "tool", "dist-tags": { latest: "1.0.0" }, versions }));
  web.files.set("/tool.tgz", tarball);
}

const PAGE = () => `{http(url:"${web.url}/page.txt"){contents}}`;
const REPOSITORY = () =>
  `{git(url:"${git.url}"){tag(name:"v1.0.0"){commit tree{file(path:"text.txt"){contents}}} head{ref} branches}}`;

/** Commands that ask four kinds of servers, and what they print. */
const commands: readonly (readonly [string, () => readonly string[], string, string])[] = [
  ["a function with a package of npm", () => ["call", "hello"], module, "from a package"],
  ["a function with an image", () => ["call", "image", "--address", image], module, "from the image\n"],
  ["a module of a git repository", () => ["call", "-m", `${git.url}/far@v1.0.0`, "where"], dir, "far away"],
  [
    "an image by the core",
    () => ["core", "container", "from", "--address", image, "with-exec", "--args=echo,core", "stdout"],
    dir,
    "core\n",
  ],
  ["a page", () => ["query", "--doc", "page.graphql"], dir, "what a page says"],
  ["a repository", () => ["query", "--doc", "repository.graphql"], dir, "in the repository"],
];

/** How often any server was asked. */
const asked = () => proxy.seen.length + web.asked.length + git.asked();

async function run(words: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(dir, "page.graphql"), PAGE());
  writeFileSync(join(dir, "repository.graphql"), REPOSITORY());
  const { exitCode, stdout, stderr } = await runSlipway(cwd, words, { env: { ...env, ...more }, limitMs: 90_000 });
  return { exitCode, stdout, stderr };
}

offline("what the store has not is told with what loads it, and no server is asked", async () => {
  const before = asked();
  const store = { SLIPWAY_STORE: join(dir, "empty-store"), npm_config_cache: join(dir, "empty-cache") };
  const todo = "  to do: run the same command once without --offline (SLIPWAY_OFFLINE); then the store has it";
  for (const [words, cwd, lines] of [
    [
      commands[3]?.[1]() ?? [],
      dir,
      [
        `failed to resolve image "${image}" (platform: "linux/amd64"): it is not in the store, and nothing is loaded while offline`,
        `  to do: load it once with a network: slipway core container from --address ${image} sync`,
      ],
    ],
    [
      commands[2]?.[1]() ?? [],
      dir,
      [`module ${git.url}@v1.0.0 is not in the store, and nothing is loaded while offline`, todo],
    ],
    [
      ["query", "--doc", "page.graphql"],
      dir,
      [`${web.url}/page.txt is not in the store, and nothing is loaded while offline`],
    ],
    [
      ["query", "--doc", "repository.graphql"],
      dir,
      [`${git.url} is not in the store, and nothing is loaded while offline`],
    ],
    [["call", "hello"], module, ['npm could not install the packages of module "probe": ', "ENOTCACHED", todo]],
  ] as const) {
    const ran = await run([...words, "--offline"], cwd, store);
    assert.is(ran.exitCode, 1, `${words.join(" ")}: ${ran.stderr}`);
    for (const line of lines)
      assert.ok(
        `${ran.stderr}${ran.stdout}`.replaceAll("\\n", "\n").includes(line),
        `${line}\n--- is not in\n${ran.stderr}${ran.stdout}`,
      );
  }
  assert.is(asked(), before);
});

offline("commands load what they need where they may", async () => {
  for (const [what, words, cwd, printed] of commands) {
    const before = asked();
    const ran = await run(words(), cwd);
    assert.is(ran.exitCode, 0, `${what}: ${ran.stderr}`);
    assert.match(ran.stdout, printed);
    assert.ok(asked() > before, `${what} asked nobody`);
  }
});

for (const [how, flags, variables] of [
  ["by the flag", ["--offline"], {}],
  ["by SLIPWAY_OFFLINE", [], { SLIPWAY_OFFLINE: "1" }],
] as const) {
  offline(`the same commands give the same from the store and ask nobody, ${how}`, async () => {
    for (const [what, words, cwd, printed] of commands) {
      const before = asked();
      const ran = await run([...words(), ...flags], cwd, variables);
      assert.is(ran.exitCode, 0, `${what}: ${ran.stderr}`);
      assert.match(ran.stdout, printed);
      assert.is(asked(), before, `${what} has asked`);
    }
  });
}

offline("a repository and a tag mean what they meant when they were asked last", async () => {
  const query = ["query", "--doc", "repository.graphql"];
  const was = JSON.parse((await run([...query, "--offline"], dir)).stdout);
  git.commit({ "text.txt": "in the repository, newer\n" });
  git.tag("v1.0.0");
  assert.equal(JSON.parse((await run([...query, "--offline"], dir)).stdout), was);
  assert.match((await run(query, dir)).stdout, "newer");
  assert.match((await run([...query, "--offline"], dir)).stdout, "newer");
});

offline("--offline=false counts more than the variable", async () => {
  const before = asked();
  const ran = await run(["query", "--doc", "page.graphql", "--offline=false"], dir, { SLIPWAY_OFFLINE: "1" });
  assert.is(ran.exitCode, 0, ran.stderr);
  assert.is(asked(), before + 1);
});

offline("SLIPWAY_OFFLINE with another word is refused", async () => {
  const ran = await run(["query", "--doc", "page.graphql"], dir, { SLIPWAY_OFFLINE: "maybe" });
  assert.equal([ran.exitCode, ran.stderr], [1, 'Error: SLIPWAY_OFFLINE is "maybe"\n  to do: set it to 1 or 0\n']);
});

offline("containers reach nothing, and what fails by that says so", async () => {
  const ran = await run(["call", "--offline", "reach", "--address", image, "--host", "192.0.2.1"], module);
  assert.is(ran.exitCode, 1, ran.stdout);
  assert.match(ran.stderr, "Network is unreachable");
  assert.match(ran.stderr, "exit code: 1\n  containers reach nothing outside this machine while offline");
});

offline("what a command made without a network is not taken for what it makes with one", async () => {
  const script = "nc -w 1 192.0.2.1 80 || echo without > /made; cat /made";
  const words = ["core", "container", "from", "--address", image, "with-exec", `--args=sh,-c,${script}`, "stdout"];
  const events = async (flags: readonly string[]) => {
    const { exitCode, stderr } = await run([...words, ...flags, "--progress=plain"], dir);
    assert.is(exitCode, 0, stderr);
    return /CACHED/.test(stderr);
  };
  assert.is(await events(["--offline"]), false);
  assert.is(await events(["--offline"]), true);
  assert.is(await events([]), false);
});

offline("nothing is published", async () => {
  const before = asked();
  const words = [
    "core",
    "container",
    "from",
    "--address",
    image,
    "publish",
    "--address",
    `${proxy.address}/team/other:1`,
  ];
  const ran = await run([...words, "--offline"], dir);
  assert.is(ran.exitCode, 1);
  assert.match(ran.stderr, `${proxy.address}/team/other:1 is not published: nothing is sent while offline`);
  assert.is(asked(), before);
});

/** What a command and all that it starts have connected to, but for a function's own loopback. The servers are in this process, which goes on meanwhile. */
async function connections(words: readonly string[]): Promise<string[]> {
  const log = join(dir, "connects");
  const servers = [proxy.address, web.url, git.url.replace("/repo.git", "")].map((address) =>
    address.split(":").at(-1),
  );
  const strace = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", log];
  const traced = await runCommand([...strace, resolve("slipway"), ...words], { cwd: module, env, limitMs: 90_000 });
  assert.is(traced.exitCode, 0, traced.stderr);
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => /AF_INET6?\b/.test(line))
    .filter(
      (line) => !line.includes('inet_addr("127.0.0.1")') || servers.some((port) => line.includes(`htons(${port})`)),
    );
}

offline("a command opens no connection to any server, of this machine or of another", async () => {
  const words = ["call", "image", "--address", image];
  const ofRegistry = (line: string) => line.includes(`htons(${proxy.address.split(":")[1]})`);
  assert.ok((await connections(words)).some(ofRegistry));
  assert.equal(await connections([...words, "--offline"]), []);
});

offline("the same commands work without any network", () => {
  for (const [what, words, cwd, printed] of commands) {
    const { status, stdout, stderr } = spawnSync("unshare", ["--net", resolve("slipway"), ...words(), "--offline"], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, ...env, NO_COLOR: "1" },
      timeout: 90_000,
    });
    assert.is(status, 0, `${what}: ${stderr}`);
    assert.match(stdout, printed);
  }
});

offline.run();
