import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkedUrl, checkRepository, leadsToMachine } from "../../../../engine/src/api/git-refs.ts";
import { type Entries, inTree } from "../store/temporary-tree.ts";

const addresses = suite("git addresses");

for (const url of ["https://host/a.git", "http://127.0.0.1:1/x", "ssh://git@host/a", "git@host.example:a/b.git"]) {
  addresses(`of the network are taken: ${url}`, () => assert.is(checkedUrl(url, true), url));
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
    assert.throws(() => checkedUrl(url, true), /^invalid git URL/);
  });
}

for (const url of ["ssh://git@host/a", "git@host.example:a/b.git", "ssh://host:22/x"]) {
  addresses(`by ssh need an agent, whatever keys this machine has: ${url}`, () => {
    assert.throws(
      () => checkedUrl(url, false),
      /^git authentication failed: SSH URLs are not supported without an SSH socket$/,
    );
    assert.is(checkedUrl(url, true), url);
  });
}

for (const [leads, urls] of [
  [
    true,
    [
      "git@host:a",
      "ssh://host/a",
      "http://127.0.0.1:1/a",
      "https://[::1]/a",
      "git://localhost/a",
      "http://2130706433/a",
      "http://x.localhost./a",
      "https://169.254.169.254/a",
    ],
  ],
  [false, ["https://host/a", "http://10.0.0.5/a", "git://host/a", "https://user:password@host/a"]],
] as const) {
  addresses(`lead to this machine or its person: ${leads}`, () =>
    assert.equal(
      urls.filter((url) => leadsToMachine(url) !== leads),
      [],
    ),
  );
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
