import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nameRelease, readRelease } from "../../../../ci/src/rollout/release.ts";
import { writeRelease } from "../../../../ci/src/service-images/publish.ts";

const image = (name: string, letter: string) => ({ name, digest: `sha256:${letter.repeat(64)}` });
const content = {
  commit: "c".repeat(40),
  commitTime: "2026-11-25T14:12:49Z",
  author: "ann@example.org",
  services: { ingest: image("r.io/a/ingest", "a"), dashboard: image("r.io/a/dashboard", "b") },
};

function messageOf(text: string): string {
  try {
    readRelease(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "no problem";
}

const release = suite("the release file");

release("is read back as what was written", () => {
  const written = nameRelease(content);
  assert.equal(readRelease(writeRelease(written)), written);
});

release("has a name that follows from its content and not from the order in which it was written", () => {
  const { ingest, dashboard } = content.services;
  const reordered = nameRelease({
    services: { dashboard, ingest },
    author: content.author,
    commitTime: content.commitTime,
    commit: content.commit,
  });
  assert.is(reordered.id, nameRelease(content).id);
  const otherDigest = { ...content, services: { ...content.services, ingest: image("r.io/a/ingest", "d") } };
  const otherRegistry = { ...content, services: { ...content.services, ingest: image("s.io/a/ingest", "a") } };
  const others = [otherDigest, otherRegistry, { ...content, author: "bob@example.org" }];
  const ids = [content, ...others].map((each) => nameRelease(each).id);
  assert.is(new Set(ids).size, ids.length);
});

release("is refused with every problem at once, each with its place", () => {
  const bad = {
    ...nameRelease(content),
    commit: "HEAD",
    extra: 1,
    services: { ingest: { name: "r.io/a:1@x", digest: "latest" } },
  };
  const message = messageOf(JSON.stringify(bad));
  for (const place of [
    "commit: expected the full commit hash",
    "services.ingest.name: ",
    "services.ingest.digest: ",
    "extra: unknown; expected one of version, id, commit, commitTime, author, services",
  ]) {
    assert.ok(message.includes(`  ${place}`), `${place} is not in:\n${message}`);
  }
  assert.match(message, "where: the release file");
});

release("is refused with names that stand twice or would vanish, whatever its id is", () => {
  const text = writeRelease(nameRelease(content));
  const twice = text.replace('"author":', '"author": "eve@example.org", "author":');
  assert.match(
    messageOf(twice),
    /^this is not a release file \[bad-release\]:\n {2}\(top\): a name appears twice in an object\n/,
  );
  const vanishing = text.replace('"services": {', '"services": { "__proto__": {},');
  assert.match(
    messageOf(vanishing),
    /^this is not a release file \[bad-release\]:\n {2}services\.__proto__: cannot be used as a name\n/,
  );
  const deep = `${"[".repeat(1000)}${"]".repeat(1000)}`;
  assert.match(messageOf(deep), /^this is not a release file \[bad-release\]:\n {2}0\.0\.0: is nested too deeply\n/);
});

release("is refused when somebody has put another digest in", () => {
  const text = writeRelease(nameRelease(content)).replace("a".repeat(64), "e".repeat(64));
  assert.match(
    messageOf(text),
    /^the release calls itself r-[0-9a-f]{32}, but its content is r-[0-9a-f]{32} \[bad-release\]\n/,
  );
});

release.run();
