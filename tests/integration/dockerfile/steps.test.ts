import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Builds, type Files } from "./building.ts";

const steps = suite("steps of a Dockerfile");

let builds: Builds;
steps.before(async () => {
  builds = await Builds.open();
});
steps.after(async () => {
  await builds.close();
});

const BASE = "FROM debian:bookworm\n";

/** Owner, mode and path of all below a folder. */
const LIST = (folder: string) => `cd ${folder} && find . -mindepth 1 -printf '%u:%g %m %P\\n' | sort -k3`;

async function listed(dockerfile: string, folder: string, files: Files = {}): Promise<string[]> {
  const output = await builds.output({ ...files, Dockerfile: `${BASE}${dockerfile}` }, LIST(folder));
  return output.trim().split("\n");
}

const TREE: Files = { "d/a.txt": "a", "d/b.md": "b", "d/sub/c.txt": "c", "top.txt": "top" };

steps("COPY puts the content of a folder into a folder, and a file under a new name", async () => {
  const dockerfile = "COPY d /x/d2\nCOPY top.txt /x/new\nCOPY top.txt d/a.txt /x/into/\n";
  assert.equal(await listed(dockerfile, "/x", TREE), [
    "root:root 755 d2",
    "root:root 644 d2/a.txt",
    "root:root 644 d2/b.md",
    "root:root 755 d2/sub",
    "root:root 644 d2/sub/c.txt",
    "root:root 755 into",
    "root:root 644 into/a.txt",
    "root:root 644 into/top.txt",
    "root:root 644 new",
  ]);
});

steps("COPY gives an owner to all that it makes, and leaves a folder that is there its own", async () => {
  const dockerfile = "RUN mkdir /x\nCOPY --chown=www-data:games --chmod=700 d /x\nCOPY --chown=:3 top.txt /x/new/er/\n";
  assert.equal(await listed(dockerfile, "/x", TREE), [
    "www-data:games 700 a.txt",
    "www-data:games 700 b.md",
    "root:sys 755 new",
    "root:sys 755 new/er",
    "root:sys 644 new/er/top.txt",
    "www-data:games 700 sub",
    "www-data:games 700 sub/c.txt",
  ]);
  const top = await builds.output({ ...TREE, Dockerfile: `${BASE}${dockerfile}` }, "stat -c '%U %a' /x");
  assert.is(top, "root 755\n");
});

steps("COPY gives a mode to a folder that it makes anew, unless the slash at the end has made it before", async () => {
  const dockerfile = "COPY --chmod=700 d /x/one\nCOPY --chmod=700 d /x/two/\n";
  const folders = (await listed(dockerfile, "/x", TREE)).filter((line) => /(?:one|two)$/.test(line));
  assert.equal(folders, ["root:root 700 one", "root:root 755 two"]);
});

steps("COPY leaves out what --exclude names, and keeps folders with --parents", async () => {
  const dockerfile = "COPY --exclude=*.md --exclude=sub d /x/\nCOPY --parents d/*/c.txt d/./sub /x/p/\n";
  const names = (await listed(dockerfile, "/x", TREE)).map((line) => line.split(" ")[2]);
  assert.equal(names, ["a.txt", "p", "p/d", "p/d/sub", "p/d/sub/c.txt", "p/sub", "p/sub/c.txt"]);
});

steps("COPY follows patterns, none of which has to match, and links that it names", async () => {
  const folder = builds.folder({
    ...TREE,
    Dockerfile: `${BASE}COPY t*.txt no-* d/[ab].* /x/\nCOPY link /y/\nCOPY link/a.txt /z\n`,
  });
  symlinkSync("d", join(folder, "link"));
  const { x, y } = await builds.of<{ x: { entries: string[] }; y: { entries: string[] } }>(
    folder,
    'x: directory(path:"/x") { entries } y: directory(path:"/y") { entries }',
  );
  assert.equal(x.entries, ["a.txt", "b.md", "top.txt"]);
  assert.equal(y.entries, ["a.txt", "b.md", "sub/"]);
});

steps("COPY of a link that leads out of the folder finds what is at that path in the folder, or nothing", async () => {
  const folder = builds.folder({ Dockerfile: `${BASE}COPY out /x\n` });
  symlinkSync("/etc/passwd", join(folder, "out"));
  try {
    await builds.of(folder, "sync");
    assert.unreachable();
  } catch (error) {
    assert.is(
      (error as Error).message,
      "failed to clone built container state: failed to copy source directory: lstat /etc: no such file or directory",
    );
  }
});

steps("COPY of what is not there is refused", async () => {
  assert.is(
    await builds.refusal({ Dockerfile: `${BASE}COPY not-there.txt /\n` }),
    "failed to clone built container state: failed to copy source directory: lstat /not-there.txt: no such file or directory",
  );
});

steps("ADD unpacks archives of every compression, and copies what only has their name", async () => {
  const folder = builds.folder({ "in/one/file.txt": "packed\n", "fake.tar": "no archive\n" });
  for (const [flag, name] of [
    ["", "a.tar"],
    ["z", "b.tgz"],
    ["j", "c.tar.bz2"],
    ["J", "d.tar.xz"],
  ] as const) {
    execFileSync("tar", [`c${flag}f`, join(folder, name), "-C", join(folder, "in"), "--owner=33", "--group=33", "one"]);
  }
  writeFileSync(
    join(folder, "Dockerfile"),
    `${BASE}ADD a.tar /a\nADD b.tgz /b/\nADD --chown=1:1 c.tar.bz2 /c/\nADD d.tar.xz /d/\nADD --unpack=false a.tar /e/\nADD fake.tar /f/\nCOPY a.tar /g/\n`,
  );
  const command = "find /a /b /c /d /e /f /g -type f -printf '%U %p\\n' | sort -k2";
  const { withExec } = await builds.of<{ withExec: { stdout: string } }>(
    folder,
    `withExec(args:["sh","-c",${JSON.stringify(command)}]) { stdout }`,
  );
  assert.equal(withExec.stdout.trim().split("\n"), [
    "33 /a/one/file.txt",
    "33 /b/one/file.txt",
    "1 /c/one/file.txt",
    "33 /d/one/file.txt",
    "0 /e/a.tar",
    "0 /f/fake.tar",
    "0 /g/a.tar",
  ]);
});

steps("ADD of an archive writes through no link of the image to this machine", async () => {
  const folder = builds.folder({ "in/link/evil.txt": "x", "in2/": "" });
  execFileSync("tar", ["cf", join(folder, "a.tar"), "-C", join(folder, "in"), "link"]);
  const outside = join(folder, "in2");
  writeFileSync(join(folder, "Dockerfile"), `${BASE}RUN mkdir /x && ln -s ${outside} /x/link\nADD a.tar /x/\n`);
  const { file } = await builds.of<{ file: { contents: string } }>(
    folder,
    'file(path:"/x/link/evil.txt") { contents }',
  );
  assert.is(file.contents, "x");
  assert.equal(execFileSync("ls", [outside], { encoding: "utf8" }), "");
});

steps("ADD loads a file and checks its sum", async () => {
  const served = "from the web\n";
  const server = createServer((_request, response) => response.end(served));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dir/file.txt`;
  try {
    const sum = `sha256:${createHash("sha256").update(served).digest("hex")}`;
    assert.equal(await listed(`ADD --checksum=${sum} ${url} /x/\nADD --chmod=644 ${url} /x/y\n`, "/x"), [
      "root:root 600 file.txt",
      "root:root 644 y",
    ]);
    const wrong = `sha256:${"0".repeat(64)}`;
    assert.is(
      await builds.refusal({ Dockerfile: `${BASE}ADD --checksum=${wrong} ${url} /x/\n` }),
      `failed to clone built container state: http checksum mismatch: expected ${wrong}, got ${sum}`,
    );
  } finally {
    server.close();
  }
});

steps("RUN gets variables, user, folder and shell, and here-documents of both kinds", async () => {
  const dockerfile = [
    "FROM debian:bookworm",
    "ARG WHO=world",
    'ENV GREETING="hello $WHO"',
    "WORKDIR /w",
    "RUN chmod 777 .",
    "USER nobody",
    'RUN echo "$GREETING $WHO $(id -un) $PWD $HOME" > one',
    'RUN ["sh", "-c", "echo $0 exec > two"]',
    'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
    "RUN [[ a == a ]] && echo bash > three",
    "RUN <<EOF",
    "set -e",
    "echo here > four",
    "EOF",
    "RUN <<-'EOF' cat > five && cat > six <<TWO",
    "\tfirst $GREETING",
    "\tEOF",
    "second",
    "TWO",
    "RUN <<EOF",
    "#!/usr/bin/perl",
    'open(F, ">seven"); print F "perl\\n";',
    "EOF",
    "",
  ].join("\n");
  assert.is(
    await builds.output({ Dockerfile: dockerfile }, "cd /w; cat one two three four five six seven"),
    "hello world world nobody /w /nonexistent\nsh exec\nbash\nhere\nfirst $GREETING\nsecond\nperl\n",
  );
});

steps("RUN has mounts of files, other stages, memory, caches, and its script leaves nothing", async () => {
  const dockerfile = [
    "FROM debian:bookworm AS made",
    "RUN echo stage > /made.txt",
    "FROM debian:bookworm",
    "WORKDIR /w",
    "RUN --mount=target=/context cp /context/top.txt one",
    "RUN --mount=source=top.txt,target=file cp file two; echo x > file || echo read-only >> two",
    "RUN --mount=source=d,target=/d,rw rm /d/a.txt && ls /d > three",
    "RUN --mount=from=made,source=/made.txt,target=/m cp /m four",
    "RUN --mount=type=tmpfs,target=/memory,size=8m echo x > /memory/x && df -m --output=size /memory | tail -1 > five",
    "RUN --mount=type=cache,id=dockerfile-steps-test,target=/cache,uid=33,gid=33,mode=0750 stat -c '%u %g %a' /cache > six",
    "RUN ls -d /context /d /m /memory /cache /dev/pipes > seven 2>&1 || true",
    "RUN ls > eight",
    "",
  ].join("\n");
  const output = await builds.output(
    { ...TREE, Dockerfile: dockerfile },
    "cd /w; tail -n +1 one two three four five six eight; grep -c 'No such file' seven",
  );
  const part = (name: string) => (output.split(`==> ${name} <==\n`)[1] ?? "").split("\n==>")[0]?.trim();
  assert.is(part("one"), "top");
  assert.is(part("two"), "topread-only");
  assert.is(part("three"), "b.md\nsub");
  assert.is(part("four"), "stage");
  assert.is(part("five"), "8");
  assert.is(part("six"), "33 33 750");
  assert.is(output.trim().split("\n").at(-1), "6");
});

steps("RUN --network=none reaches nothing but itself", async () => {
  const dockerfile = `${BASE}RUN --network=none ls /sys/class/net > /nets; (echo > /dev/tcp/127.0.0.1/1) 2>/dev/null || true\nRUN ls /sys/class/net > /usual\n`;
  assert.is(await builds.output({ Dockerfile: dockerfile }, "cat /nets; echo -; cat /usual"), "lo\n-\neth0\nlo\n");
});

steps("RUN gets a secret as a file or a variable, which are in no layer and no image", async () => {
  const { setSecret } = await builds.query<{ setSecret: { id: string } }>(
    '{ setSecret(name:"token", plaintext:"s3cr3t-of-the-test") { id } }',
  );
  const dockerfile = `${BASE}RUN --mount=type=secret,id=token,mode=0444,uid=1 stat -c '%u %a' /run/secrets/token > /a && wc -c < /run/secrets/token >> /a
RUN --mount=type=secret,id=token,target=/root/own wc -c < /root/own >> /a
RUN --mount=type=secret,id=token,env=TOKEN printf %s "$TOKEN" | wc -c >> /a; ls /run/secrets /root/own >> /a 2>&1 || true
RUN --mount=type=secret,id=other test ! -e /run/secrets/other
`;
  const out = await builds.of<{
    file: { contents: string };
    envVariables: { name: string }[];
    asTarball: { size: number };
  }>(
    builds.folder({ Dockerfile: dockerfile }),
    'file(path:"/a") { contents } envVariables { name } asTarball { size }',
    `secrets:[${JSON.stringify(setSecret.id)}]`,
  );
  assert.match(out.file.contents, /^1 444\n18\n18\n18\nls: cannot access '\/run\/secrets'/);
  assert.not(out.envVariables.some(({ name }) => name === "TOKEN"));
});

steps("a secret that is asked for and not given is refused before anything runs", async () => {
  const { setSecret } = await builds.query<{ setSecret: { id: string } }>(
    '{ setSecret(name:"token", plaintext:"s3cr3t-of-the-test") { id } }',
  );
  const told = await builds.refusal(
    { Dockerfile: `${BASE}RUN exit 1\nRUN --mount=type=secret,id=key,required true\n` },
    `secrets:[${JSON.stringify(setSecret.id)}]`,
  );
  assert.is(
    told.replace(/sha256:[0-9a-f]{64}/, "<digest>"),
    'failed to convert Dockerfile LLB to Dagger ID: llbtodagger: unsupported op "exec" (<digest>): secret "key" is required but was not provided',
  );
});

steps("run again only when what they take has changed", async () => {
  const dockerfile = `${BASE}COPY d /d
RUN head -c16 /dev/urandom | md5sum > /copied
RUN --mount=source=top.txt,target=/t head -c16 /dev/urandom | md5sum > /mounted
`;
  const folder = builds.folder({ ...TREE, Dockerfile: dockerfile });
  const stamps = () =>
    builds.of<{ copied: { contents: string }; mounted: { contents: string } }>(
      folder,
      'copied: file(path:"/copied") { contents } mounted: file(path:"/mounted") { contents }',
    );
  const first = await stamps();
  writeFileSync(join(folder, "unrelated.txt"), "new");
  writeFileSync(join(folder, "Dockerfile"), `# a remark\n\n${dockerfile}`);
  assert.equal(await stamps(), first);
  writeFileSync(join(folder, "top.txt"), "changed");
  const second = await stamps();
  assert.is(second.copied.contents, first.copied.contents);
  assert.is.not(second.mounted.contents, first.mounted.contents);
  writeFileSync(join(folder, "d/a.txt"), "changed");
  assert.is.not((await stamps()).copied.contents, first.copied.contents);
  assert.is(readFileSync(join(folder, "d/a.txt"), "utf8"), "changed");
});

steps("leave a health check in the image, as calls do", async () => {
  const folder = builds.folder({ Dockerfile: `${BASE}HEALTHCHECK --interval=90s CMD check me\n` });
  const archives = ["one.tar", "two.tar"].map((name) => JSON.stringify(join(folder, "..", name)));
  await builds.of(
    folder,
    `export(path:${archives[0]}) withDockerHealthcheck(args:["other"], retries:2) { export(path:${archives[1]}) }`,
  );
  const checks: unknown[] = [];
  for (const archive of archives) {
    const { host } = await builds.query<{ host: { file: { id: string } } }>(
      `{ host { file(path:${archive}) { id } } }`,
    );
    const read = `{ container { import(source:"${host.file.id}") { dockerHealthcheck { args shell interval retries } } } }`;
    const { container } = await builds.query<{ container: { import: { dockerHealthcheck: unknown } } }>(read);
    checks.push(container.import.dockerHealthcheck);
  }
  assert.equal(checks, [
    { args: ["check me"], shell: true, interval: "1m30s", retries: 0 },
    { args: ["other"], shell: false, interval: "0s", retries: 2 },
  ]);
});

steps("keep a part of a folder that was left out from what is built", async () => {
  const files = {
    ...TREE,
    "app.Dockerfile": `${BASE}COPY . /x/\n`,
    "app.Dockerfile.dockerignore": "# own\n\n*.txt\n!top.txt\nd/sub\n",
    ".dockerignore": "*\n",
  };
  const listing = await builds.output(files, "cd /x && find . -type f | sort", 'dockerfile:"app.Dockerfile"');
  assert.equal(listing.trim().split("\n"), [
    "./.dockerignore",
    "./app.Dockerfile",
    "./app.Dockerfile.dockerignore",
    "./d/a.txt",
    "./d/b.md",
    "./top.txt",
  ]);
});

steps.run();
