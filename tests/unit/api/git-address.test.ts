import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkedUrl, checkRepository } from "../../../engine/src/api/git-refs.ts";
import { type Entries, inTree } from "../store/temporary-tree.ts";

const addresses = suite("git addresses");

for (const url of ["https://host/a.git", "http://127.0.0.1:1/x", "ssh://git@host/a", "git@host.example:a/b.git"]) {
  addresses(`of the network are taken: ${url}`, () => assert.is(checkedUrl(url), url));
}

for (const url of [
  "--upload-pack=touch /tmp/x",
  "ext::sh -c id",
  "/etc",
  "file:///etc",
  "ssh://-oProxyCommand=id/x",
  "-a@host:x",
  "",
]) {
  addresses(`that start programs or read this machine are refused: ${JSON.stringify(url)}`, () => {
    assert.throws(() => checkedUrl(url), /^invalid git URL/);
  });
}

const REPOSITORY = {
  ".git/HEAD": "ref: refs/heads/main\n",
  ".git/objects": null,
  ".git/hooks/x": { link: "/bin/true" },
};

for (const [what, entries, message] of [
  ["nothing", { file: "x" }, /^git error: not a git repository$/],
  ["a file in place of .git", { ".git": "gitdir: /root/other/.git\n" }, /worktree or submodule/],
  ["a link in place of .git", { ".git": { link: "/root/other/.git" } }, /worktree or submodule/],
  [
    "a link to objects elsewhere",
    { ...REPOSITORY, ".git/objects/pack": { link: "/root" } },
    /link in it \(objects\/pack\)/,
  ],
  [
    "objects of another repository",
    { ...REPOSITORY, ".git/objects/info/alternates": "/root\n" },
    /borrows from another/,
  ],
] as const satisfies readonly (readonly [string, Entries, RegExp])[]) {
  addresses(`of a directory with ${what} lead nowhere`, () =>
    inTree(entries, (root) =>
      assert.throws(
        () => checkRepository(root),
        (error: Error) => message.test(error.message),
      ),
    ),
  );
}

addresses("of a directory with a whole repository are taken", () =>
  inTree(REPOSITORY, (root) => checkRepository(root)),
);

addresses.run();
