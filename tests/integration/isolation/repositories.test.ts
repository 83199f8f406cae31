import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { type GitDaemon, startGitDaemon } from "../../support/git-daemon.ts";
import { openTestSession } from "../../support/test-session.ts";

/** Repositories that somebody else has made: as a directory, from a server, and in ADD of a Dockerfile. */
const repositories = suite("a git repository");
let dir = "";
/** A folder of the host, and a repository of the host beside it. */
let [canary, hosts, served] = ["", "", ""];
let open: OpenSession;
let daemon: GitDaemon;
let made = 0;

repositories.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-repositories-"));
  [canary, hosts, served] = [join(dir, "canary"), join(dir, "hosts"), join(dir, "served")];
  for (const folder of [canary, hosts, served]) mkdirSync(folder);
  writeFileSync(join(canary, "file"), "of the host");
  shell(hosts, "git init -q -b branch-of-the-host; echo x > f; git add .; git commit -qm x");
  daemon = await startGitDaemon(served);
  open = await openTestSession({ workdir: dir, storeDir: join(dir, "store") });
});
repositories.after(async () => {
  await daemon.stop();
  await open.close();
  rmSync(dir, { recursive: true, force: true });
});
repositories.after.each(() => assert.equal(readdirSync(canary), ["file"]));

function shell(cwd: string, script: string): string {
  const who = { NAME: "a", EMAIL: "a@example.com" };
  const names = ["AUTHOR", "COMMITTER"].flatMap((role) =>
    Object.entries(who).map(([what, value]) => [`GIT_${role}_${what}`, value]),
  );
  const env = {
    PATH: process.env["PATH"],
    GIT_CONFIG_GLOBAL: "/dev/null",
    ...Object.fromEntries(names),
    CANARY: canary,
  };
  return execFileSync("sh", ["-ec", script], { cwd, encoding: "utf8", env });
}

/** A new repository with one commit, changed by a script. */
function repository(script = "true", folder = join(dir, `repository-${made++}`)): string {
  mkdirSync(folder);
  shell(folder, `git init -q -b main; echo x > f; git add .; git commit -qm x; ${script}`);
  return folder;
}

/** What the API answers, or the message of its error. */
async function ask(query: string): Promise<unknown> {
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  const { data, errors } = body as { data: unknown; errors?: readonly { message: string }[] };
  return errors === undefined ? data : errors.map(({ message }) => message).join("\n");
}

const quoted = JSON.stringify;

async function ofDirectory(path: string, selection: string): Promise<unknown> {
  const data = await ask(`{ host { directory(path:${quoted(path)}) { asGit { ${selection} } } } }`);
  return typeof data === "string" ? data : (data as { host: { directory: { asGit: unknown } } }).host.directory.asGit;
}

const TREE = 'head { tree(discardGitDir:true) { glob(pattern:"**") } }';
const treeOf = (...paths: readonly string[]) => ({ head: { tree: { glob: paths } } });

repositories("says that its address means another one of this machine: its own branches are told", async () => {
  const rewriting = [
    `git config "url.${hosts}/.insteadOf" ${join(dir, "store")}`,
    `git config "url.${hosts}/.git/../../hosts.insteadOf" /`,
    `git config "url.${hosts}/.pushInsteadOf" /`,
  ];
  for (const script of rewriting)
    assert.equal(await ofDirectory(repository(script), "branches"), { branches: ["main"] }, script);
});

repositories("leads to others by links, alternates, worktrees and git files: it is refused", async () => {
  for (const [script, reason] of [
    [`ln -s ${hosts}/.git/objects .git/more`, "a git repository with a link in it (more)"],
    [`rm -r .git/refs; ln -s ${hosts}/.git/refs .git/refs`, "a git repository with a link in it (refs)"],
    [
      `mkdir -p .git/objects/info; echo ${hosts}/.git/objects > .git/objects/info/alternates`,
      "a git repository that borrows from another one (objects/info/alternates)",
    ],
    [`echo ${hosts}/.git > .git/commondir`, "a git repository that borrows from another one (commondir)"],
    [
      `rm -r .git; echo "gitdir: ${hosts}/.git" > .git`,
      "a git repository of which .git is not a folder (a worktree or submodule)",
    ],
    [
      `rm -r .git; ln -s ${hosts}/.git .git`,
      "a git repository of which .git is not a folder (a worktree or submodule)",
    ],
  ] as const) {
    assert.match(String(await ofDirectory(repository(script), "branches")), `${reason} is not supported`);
  }
});

repositories("names programs in its settings and attributes: none is started", async () => {
  const touch = "touch $CANARY/started";
  const settings = [
    `printf '* filter=evil diff=evil merge=evil\\n' > .gitattributes; git add .; git commit -qm a
     git config filter.evil.smudge '${touch}; cat'; git config filter.evil.process '${touch}'
     git config diff.evil.textconv '${touch}'; git config merge.evil.driver '${touch}'`,
    `git config uploadpack.packObjectsHook '${touch}'; git config core.fsmonitor '${touch}'
     git config core.sshCommand '${touch}'; git config core.gitProxy '${touch}'; git config core.alternateRefsCommand '${touch}'`,
    `for hook in post-checkout reference-transaction pre-receive; do
       printf '#!/bin/sh\\n${touch}\\n' > .git/hooks/$hook; chmod 755 .git/hooks/$hook; done`,
    `git config core.worktree $CANARY; git config core.hooksPath $CANARY; git config core.excludesFile $CANARY/file`,
  ].map((script) => script.replaceAll("$CANARY", canary));
  for (const script of settings) {
    const folder = repository(script);
    assert.equal((await ofDirectory(folder, "branches")) as object, { branches: ["main"] });
    assert.not.type(await ofDirectory(folder, TREE), "string");
    assert.not.type(await ofDirectory(folder, "uncommitted { addedPaths }"), "string");
  }
});

repositories("has files named .git or .., or a folder and a link of one name: nothing is written outside", async () => {
  const commit = "git update-ref refs/heads/main $(git commit-tree -m x $t)";
  const blob = "b=$(echo of the repository | git hash-object -w --stdin)";
  const inside = (name: string) =>
    `${blob}; i=$(printf '100755 blob %s\\tpost-checkout\\n' $b | git mktree)
     h=$(printf '040000 tree %s\\thooks\\n' $i | git mktree); t=$(printf '040000 tree %s\\t${name}\\n' $h | git mktree); ${commit}`;
  assert.match(String(await ofDirectory(repository(inside(".git")), TREE)), "invalid path '.git/hooks/post-checkout'");
  assert.match(String(await ofDirectory(repository(inside("..")), TREE)), "invalid path '../hooks/post-checkout'");
  const both = `${blob}; l=$(printf %s ${canary} | git hash-object -w --stdin); n=$(printf '100644 blob %s\\tnew\\n' $b | git mktree)
     printf '120000 blob %s\\td\\n040000 tree %s\\td\\n' $l $n > list; t=$(git mktree < list); ${commit}`;
  const said = await ofDirectory(repository(both), TREE);
  assert.ok(typeof said === "string" || !JSON.stringify(said).includes("of the host"), JSON.stringify(said));
});

repositories("has links to the host: they are links of the tree, and lead nowhere", async () => {
  const folder = repository(
    "ln -s $CANARY l; ln -s / root; ln -s ../../../../../../../.. up; git add .; git commit -qm l",
  );
  assert.equal(await ofDirectory(folder, TREE), treeOf("f", "l", "root", "up"));
  const within = async (path: string) =>
    await ofDirectory(folder, `head { tree(discardGitDir:true) { directory(path:${quoted(path)}) { entries } } }`);
  assert.is(await within("l"), "stat l: no such file or directory");
  for (const path of ["root", "up", "root/..", "../../.."]) {
    const said = await within(path);
    assert.equal(said, { head: { tree: { directory: { entries: ["f", "l", "root", "up"] } } } }, path);
  }
});

repositories("is asked for with names that look like options: they are names", async () => {
  const folder = repository();
  const option = `--upload-pack=touch ${canary}/started`;
  assert.is(
    await ofDirectory(folder, `ref(name:${quoted(option)}) { commit }`),
    `repository does not contain ref ${quoted(option)}`,
  );
  assert.is(
    await ofDirectory(folder, `branch(name:${quoted(option)}) { commit }`),
    `repository does not contain ref ${quoted(`refs/heads/${option}`)}`,
  );
  assert.is(
    await ofDirectory(folder, `commit(id:${quoted(option)}) { tree { entries } }`),
    `invalid commit SHA: ${quoted(option)}`,
  );
  assert.equal(await ofDirectory(folder, `tags(patterns:[${quoted(option)}])`), { tags: [] });
});

repositories("is a folder or a bundle of this machine (GHSA-hw3h-2gp9-cxpv): no address means one", async () => {
  const bundle = join(dir, "evil.bundle");
  shell(hosts, `git bundle create -q ${bundle} --all`);
  for (const url of [
    bundle,
    `file://${bundle}`,
    hosts,
    `file://${hosts}`,
    `ext::sh -c "touch ${canary}/started"`,
    "-x",
  ]) {
    const said = await ask(`{ git(url:${quoted(url)}) { branches } }`);
    assert.match(String(said), `invalid git URL ${quoted(url)}`);
  }
});

/** What a Dockerfile with one line after FROM scratch makes of it, by its paths, or the message of its error. */
async function built(line: string): Promise<unknown> {
  const folder = join(dir, `build-${made++}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "Dockerfile"), `FROM scratch\n${line}\n`);
  const data = await ask(
    `{ host { directory(path:${quoted(folder)}) { dockerBuild { rootfs { glob(pattern:"**") } } } } }`,
  );
  if (typeof data === "string") return data;
  const { host } = data as { host: { directory: { dockerBuild: { rootfs: { glob: string[] } } } } };
  return host.directory.dockerBuild.rootfs.glob;
}

/** A repository on the server with submodules at these addresses. */
function withSubmodules(name: string, modules: Readonly<Record<string, string>>): void {
  const sub = join(served, "sub.git");
  const commit = shell(sub, "git rev-parse HEAD").trim();
  const lines = Object.entries(modules).map(
    ([path, url]) =>
      `git config -f .gitmodules submodule.${path}.path ${path}; git config -f .gitmodules submodule.${path}.url '${url}'; git update-index --add --cacheinfo 160000,${commit},${path}`,
  );
  repository([...lines, "git add .gitmodules", "git commit -qm modules"].join("\n"), join(served, name));
}

repositories("has submodules: they are there, by addresses of their own and beside it", async () => {
  repository("echo x > inner; git add .; git commit -qm inner", join(served, "sub.git"));
  withSubmodules("parent.git", { near: "../sub.git", far: `${daemon.url}/sub.git` });
  const data = await ask(
    `{ git(url:"${daemon.url}/parent.git") { branch(name:"main") { tree(discardGitDir:true) { glob(pattern:"**") } } } }`,
  );
  const found = ["f", "far/f", "far/inner", "near/f", "near/inner"];
  const paths = (data as { git: { branch: { tree: { glob: string[] } } } }).git.branch.tree.glob;
  assert.equal(
    paths.filter((path) => found.includes(path)),
    found,
    JSON.stringify(data),
  );
});

repositories(
  "of elsewhere has submodules on this machine, by folders or by programs: they are not brought",
  async () => {
    const asked = daemon.asked();
    for (const [url, words] of [
      [`${daemon.url}/sub.git`, "unable to connect to 127.0.0.1"],
      // Where connections are carried for a user, one that is refused ends without a word.
      [
        "http://169.254.169.254/sub.git",
        /unable to access '[^']*': (Failed to connect to 169\.254\.169\.254|Empty reply from server)/,
      ],
      [`file://${hosts}`, "transport 'file' not allowed"],
      [hosts, "transport 'file' not allowed"],
      [`ext::sh -c "touch ${canary}/started"`, "transport 'ext' not allowed"],
    ] as const) {
      withSubmodules(`parent-${made}.git`, { part: url });
      const said = await ofDirectory(join(served, `parent-${made}.git`), TREE);
      assert.match(String(said), "failed to update submodules: git error: ");
      assert.match(String(said), words, String(said));
      made += 1;
    }
    assert.is(daemon.asked(), asked);
  },
);

repositories("says in its settings what is read besides (include.path): nothing of that file is told", async () => {
  const evil = join(dir, "evil.config");
  writeFileSync(evil, '[remote "of-the-host"]\n\turl = http://secret.example\n[bad\n');
  for (const key of ["include.path", "includeIf.gitdir:/.path", "includeIf.onbranch:main.path"]) {
    const said = JSON.stringify([
      await ofDirectory(repository(`git config ${key} ${evil}`), "branches"),
      await ofDirectory(repository(`git config ${key} ${canary}/file`), "branches"),
    ]);
    assert.not.match(said, /secret\.example|of the host|of-the-host/, said);
  }
});

repositories("names a part of itself that is a link out (CVE-2026-33748): ADD finds nothing there", async () => {
  repository(
    `ln -s ${canary} l; ln -s / root; mkdir part; echo x > part/g; git add .; git commit -qm l`,
    join(served, "evil.git"),
  );
  const address = `${daemon.url}/evil.git`;
  assert.equal(await built(`ADD ${address}#main:part /x/`), ["x/", "x/g"]);
  for (const part of ["l", `root${canary}`, `../../../../../../..${canary}`, canary])
    assert.match(String(await built(`ADD ${address}#main:${part} /x/`)), "no such file or directory", part);
  for (const part of ["root", ".."]) {
    const found = await built(`ADD ${address}#main:${part} /x/`);
    assert.equal(found, ["x/", "x/f", "x/l", "x/part/", "x/part/g", "x/root"], part);
  }
});

repositories.run();
