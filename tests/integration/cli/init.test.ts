import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeFiles } from "../../support/write-files.ts";

const PACKAGE = JSON.stringify({ name: "orders", scripts: { test: "node --test", start: "node main.js" } });

const init = suite("slipway init in a stranger's repository");

let all = "";

init.before(() => {
  all = mkdtempSync(join(tmpdir(), "slipway-init-"));
});

init.after(() => rmSync(all, { recursive: true, force: true }));

/** A folder with these files and these links; a git repository unless asked otherwise. */
function repository(files: Readonly<Record<string, string>>, { git = true, links = {} } = {}): string {
  const folder = mkdtempSync(join(all, "r-"));
  writeFiles(folder, files);
  for (const [path, target] of Object.entries<string>(links)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(target, join(folder, path));
  }
  if (git) execFileSync("git", ["init", "--quiet", folder]);
  return folder;
}

const status = (folder: string) =>
  execFileSync("git", ["status", "--short", "--untracked-files=all", "--ignored"], { cwd: folder, encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "");

/** Runs the command; what it says of an error is what stands behind the progress. */
async function slipway(folder: string, ...words: readonly string[]) {
  const { exitCode, stdout, stderr } = await runSlipway(folder, words);
  const at = stderr.indexOf("Error: ");
  return { exitCode, stdout, error: at === -1 ? "" : stderr.slice(at), stderr };
}

/** That a command refuses, in these words, and leaves everything as it was. */
async function refuses(folder: string, words: readonly string[], error: string): Promise<void> {
  const isGit = error.indexOf("[no-commit]") === -1;
  const before = isGit ? status(folder) : [];
  const ended = await slipway(folder, ...words);
  assert.equal(
    { exitCode: ended.exitCode, stdout: ended.stdout, error: ended.error },
    { exitCode: 1, stdout: "", error },
  );
  if (isGit) assert.equal(status(folder), before);
}

const FOUND = `Found
  product  orders                                        package.json name
  project  .           node 24, npm                      package.json, without a lock file
  service  orders      ., worker                         package.json scripts.start
  check    unit        npm run test                      package.json scripts.test
  ring     canary      manifests/canary (kustomize)      there are no manifests
  ring     production  manifests/production (kustomize)  there are no manifests

Will be written
  slipway.yaml                             13 lines
  dagger.json                              8 lines
  manifests/base/kustomization.yaml        10 lines
  manifests/base/account.yaml              6 lines
  manifests/base/network.yaml              22 lines
  manifests/base/orders.yaml               88 lines
  manifests/canary/kustomization.yaml      6 lines
  manifests/production/kustomization.yaml  6 lines
  manifests/setup/rings.yaml               152 lines
  .gitignore                               1 line

Left open
  orders: nothing in the repository says at which port it listens, so it is a worker; if it listens, give port in slipway.yaml

Before the first deploy
  an administrator of the cluster creates the namespaces of the rings, and in each an account that may deploy there, once:
    kubectl apply -f manifests/setup/rings.yaml
  if people have to approve the releases of a ring, set approvals: { quorum: 1 } of that ring in slipway.yaml; slipway doctor then says how they sign
`;

const NEXT = `
Next
  slipway call test   runs unit, manifests
  slipway call build  makes the image of orders
  slipway doctor      says what is missing on the way to a deploy
`;

init("shows what it found and will write on standard output, writes it, and says what comes next", async () => {
  const folder = repository({ "package.json": PACKAGE });
  const before = status(folder);
  const dry = await slipway(folder, "init", "--dry-run");
  assert.is(dry.stdout, `${FOUND}\nNothing was written.\n`, dry.stderr);
  assert.equal(status(folder), before);

  const first = await slipway(folder, "init");
  assert.is(first.stdout, `${FOUND}${NEXT}`, first.stderr);
  const written = status(folder);
  assert.is(written.length, 11);

  const again = await slipway(folder, "init");
  assert.match(again.stdout, /\nThere is nothing to write\.\n/);
  assert.ok(again.stdout.endsWith(NEXT));
  assert.equal(status(folder), written);
});

init("writes over no file that git ignores, and says that it is there", async () => {
  const folder = repository({
    "package.json": PACKAGE,
    ".gitignore": "dagger.json\n/manifests/\n.env\n",
    "dagger.json": "{}",
    "manifests/base/network.yaml": "mine\n",
  });
  const { stdout, stderr } = await slipway(folder, "init");
  assert.match(
    stdout,
    /^dagger\.json: it exists already, but \.gitignore hides it, or it is a link to nowhere\n {2}to do: remove it from \.gitignore/m,
    stderr,
  );
  assert.match(stdout, /^manifests\/base\/network\.yaml: it exists already/m);
  assert.is(readFileSync(join(folder, "dagger.json"), "utf8"), "{}");
  assert.is(readFileSync(join(folder, "manifests/base/network.yaml"), "utf8"), "mine\n");
});

init(
  "works on the top of the repository from any folder, and the function itself refuses to write elsewhere",
  async () => {
    const folder = repository({ "package.json": PACKAGE, "src/main.js": "" });
    const below = join(folder, "src");
    const called = ["call", "--auto-apply", "init"];
    await refuses(
      below,
      called,
      `Error: init writes to the top folder of the repository, but was called in src [bad-arguments]
  where: the folder of the command
  to do: call it in the top of the repository, or let slipway init find it
`,
    );
    const { exitCode, stderr } = await slipway(below, "init");
    assert.is(exitCode, 0, stderr);
    assert.match(
      stderr,
      new RegExp(`^this folder is not the top of the repository: the report is about ${folder}$`, "m"),
    );
    assert.ok(status(folder).includes("?? slipway.yaml"));
  },
);

init("writes nothing through a .gitignore that is a link to nowhere", async () => {
  const folder = repository({ "package.json": PACKAGE }, { links: { ".gitignore": "../elsewhere" } });
  const { stdout, stderr } = await slipway(folder, "init");
  assert.match(stdout, /^\.gitignore: it exists already, but .* a link to nowhere$/m, stderr);
  assert.not.ok(existsSync(join(folder, "../elsewhere")));
});

init("takes the folder of the nearest slipway.yaml for the top", async () => {
  const folder = repository({
    "shop/slipway.yaml": "product: shop\n",
    "shop/package.json": PACKAGE,
    "shop/src/x.js": "",
  });
  const { stdout, stderr } = await slipway(join(folder, "shop/src"), "init");
  assert.match(stdout, /^ {2}product {2}shop /m, stderr);
  assert.ok(status(folder).includes("?? shop/dagger.json"));
  assert.not.ok(status(folder).includes("?? dagger.json"));
});

init("refuses a folder without git, in which nobody could take back what it writes", async () => {
  const folder = repository({ "package.json": PACKAGE }, { git: false });
  await refuses(
    folder,
    ["init"],
    `Error: there is no git repository here, so nobody could see or undo what init writes [no-commit]
  where: the folder of the command, and those above it
  to do: run git init, or go to the right repository
`,
  );
});

const CANNOT = "  where: slipway.yaml\n  to do: it has to be a file, or a link to a file in the repository\n";

init("refuses a slipway.yaml that is a folder, or a link out of the repository or to nowhere", async () => {
  const isFolder = repository({ "package.json": PACKAGE, "slipway.yaml/x": "" });
  for (const words of [["call", "config"], ["init"], ["call", "doctor"], ["call", "test"]]) {
    await refuses(
      isFolder,
      words,
      `Error: slipway.yaml cannot be read: workspace file "/slipway.yaml": path slipway.yaml is a directory, not a file [bad-config]\n${CANNOT}`,
    );
  }
  for (const target of ["/etc/hostname", "nowhere", "../../etc"]) {
    const folder = repository({ "package.json": PACKAGE }, { links: { "slipway.yaml": target } });
    await refuses(
      folder,
      ["init"],
      `Error: slipway.yaml cannot be read: workspace file "/slipway.yaml": stat slipway.yaml: no such file or directory [bad-config]\n${CANNOT}`,
    );
  }
});

init("has a doctor that fails when something is missing which a check would fail by", async () => {
  const folder = repository({
    "package.json": PACKAGE,
    "slipway.yaml": "checks: { smoke: { run: ls, image: 'nosuch.invalid/image:1' } }\n",
  });
  const ill = await slipway(folder, "doctor");
  assert.is(ill.exitCode, 1);
  assert.match(ill.stdout, /^This machine\n {2}Node {5}\d/);
  assert.match(ill.error, /^Error: 1 thing is missing here \[missing\]\n\nRepository of orders, 2 files\n/);
  assert.match(
    ill.error,
    /\nMissing: 1\n {2}the image nosuch\.invalid\/image:1 cannot be pulled here: .*nosuch\.invalid.*\n {4}to do: /,
  );

  const well = await slipway(repository({ "package.json": PACKAGE }), "doctor");
  assert.is(well.exitCode, 0, well.stderr);
  assert.match(well.stdout, /\n {2}unit {2}node:24-bookworm {2}npm run test +package\.json scripts\.test\n/);
  assert.match(well.stdout, /\nNothing is missing\.\n\nOn the way to a deploy: 3\n {2}there is no slipway\.yaml/);
});

init(
  "has a doctor that asks for all images at once, and does not wait long for registries that are silent",
  async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const images = ["a", "b", "c"].map((name) => `127.0.0.1:${port}/shop/${name}:1`);
    const checks = images.map((image, at) => `  c${at}: { run: ls, image: '${image}' }\n`).join("");
    const folder = repository({ "slipway.yaml": `checks:\n${checks}` });
    const sockets = new Set<Socket>();
    silent.on("connection", (socket) => sockets.add(socket));
    try {
      const startedAt = Date.now();
      const { exitCode, error } = await slipway(folder, "doctor");
      assert.is(exitCode, 1);
      assert.match(error, /^Error: 3 things are missing here \[missing\]\n/);
      for (const image of images) {
        const why = "its registry did not say within 20 s whether it has it";
        assert.ok(error.includes(`\n  the image ${image} cannot be pulled here: ${why}\n    to do: `), error);
      }
      // One after the other would be 60 s at least; until its registry is given up an image takes minutes.
      assert.ok(Date.now() - startedAt < 50_000, `${Date.now() - startedAt} ms`);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  },
);

init("reads a slipway.yaml that git ignores, and one that is a link inside of the repository", async () => {
  const ignored = repository({
    "package.json": PACKAGE,
    ".gitignore": "slipway.yaml\n",
    "slipway.yaml": "product: shop\n",
  });
  assert.match((await slipway(ignored, "call", "config")).stdout, /^product: shop +# slipway\.yaml:1$/m);
  const linked = repository(
    { "package.json": PACKAGE, "conf/s.yaml": "product: shop\n" },
    { links: { "slipway.yaml": "conf/s.yaml" } },
  );
  assert.match((await slipway(linked, "call", "config")).stdout, /^product: shop +# slipway\.yaml:1$/m);
});

init("follows a link of a file that says what the repository is, and leaves one out that leads nowhere", async () => {
  const folder = repository(
    { "conf/node.json": PACKAGE },
    { links: { "package.json": "conf/node.json", "web/package.json": "/nowhere/package.json" } },
  );
  const { stdout, stderr } = await slipway(folder, "call", "config");
  assert.match(stdout, /^product: orders +# package\.json name$/m, stderr);
});

init.run();
