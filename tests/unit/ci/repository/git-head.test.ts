import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findCommit, readHead } from "../../../../ci/src/repository/git-head.ts";

const commit = "1decb592bd2ee21a61e914bfe7a0ddd159c646b7";
const other = "0123456789012345678901234567890123456789";

const head = suite("the head of a repository");

head("is a commit where a CI system has checked one out, also by SHA-256", () => {
  assert.equal(readHead(`${commit}\n`), { commit });
  assert.equal(readHead("a".repeat(64)), { commit: "a".repeat(64) });
});

head("is a branch, whatever its name", () => {
  assert.equal(readHead("ref: refs/heads/main\n"), { ref: "refs/heads/main" });
  assert.equal(readHead("ref: refs/heads/feature/a-1.x\n"), { ref: "refs/heads/feature/a-1.x" });
});

for (const text of [
  "",
  "ref: refs/heads/../../x",
  "ref: /etc/passwd",
  commit.slice(1),
  `${commit} x`,
  "gitdir: ../x",
]) {
  head(`leads nowhere with ${JSON.stringify(text)}`, () => {
    assert.is(readHead(text), undefined);
  });
}

const packed = `# pack-refs with: peeled fully-peeled sorted
${other} refs/heads/main
${commit} refs/tags/v1
^${other}
`;

head("has the commit of the loose ref before that of the packed one", () => {
  assert.is(findCommit("refs/heads/main", `${commit}\n`, packed), commit);
  assert.is(findCommit("refs/heads/main", undefined, packed), other);
  assert.is(findCommit("refs/tags/v1", undefined, packed), commit);
});

head("has no commit where nothing was committed, and none of a ref with a longer name", () => {
  assert.is(findCommit("refs/heads/main", undefined, undefined), undefined);
  assert.is(findCommit("refs/heads/ma", undefined, packed), undefined);
  assert.is(findCommit("heads/main", undefined, packed), undefined);
  assert.is(findCommit("refs/heads/main", "this repository uses the reftable format\n", undefined), undefined);
});

head.run();
