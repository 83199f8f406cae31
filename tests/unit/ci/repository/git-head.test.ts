import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findCommit, findMerge, readHead } from "../../../../ci/src/repository/git-head.ts";

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

const base = "b".repeat(40);
const log = `${"0".repeat(40)} ${base} Ada <ada@example.com> 1764374400 +0000\tclone: from example.com
${base} ${commit} Ada <ada@example.com> 1764374401 +0000\tmerge ${other}: Merge made by the 'ort' strategy.
${commit} ${commit} Ada <ada@example.com> 1764374402 +0000\tcheckout: moving from main to ${commit}
`;

head("is a merge of two commits where git has made it here, also when it was checked out after that", () => {
  assert.equal(findMerge(commit, log), { base, merged: other });
});

head("is a commit like any other where it came as it is, or the log does not say what was merged", () => {
  assert.equal(findMerge(base, log), { commit: base });
  assert.equal(findMerge(commit, ""), { commit });
  assert.equal(findMerge(commit, log.replace(`merge ${other}`, "merge feature")), { commit });
  assert.equal(findMerge(other, log.replace("Merge made by the 'ort' strategy.", "Fast-forward")), { commit: other });
});

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
