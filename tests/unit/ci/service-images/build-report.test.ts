import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nameRelease } from "../../../../ci/src/rollout/release.ts";
import type { Attested } from "../../../../ci/src/service-images/attest.ts";
import { listChanges, reportBuild, reportRelease } from "../../../../ci/src/service-images/build-report.ts";
import { readImageFacts } from "../../../../ci/src/service-images/image-facts.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const commit = { hash: "c".repeat(40), time: "2026-11-25T14:12:49Z", author: "ann@example.org", changes: [] };

const report = suite("the reports of build and publish");

report("have one line a service, in columns", () => {
  const built = new Map([
    ["ingest", { digest: digest("a"), layers: 4, sizeBytes: 106_650_000 }],
    ["dashboard", { digest: digest("b"), layers: 12, sizeBytes: 9_950_001 }],
  ]);
  assert.is(
    reportBuild(built, commit),
    [
      `ingest     106.7 MB  4 layers   ${digest("a")}`,
      `dashboard   10.0 MB  12 layers  ${digest("b")}`,
      "",
      `2 images from commit ${commit.hash} of 2026-11-25T14:12:49Z`,
      "",
    ].join("\n"),
  );
});

report("say what is not as in the commit, of many files only the first ten", () => {
  const built = new Map([["ingest", { digest: digest("a"), layers: 1, sizeBytes: 1 }]]);
  const text = reportBuild(built, { ...commit, changes: ["M a", "A b"] });
  assert.match(text, `1 image from commit ${commit.hash}-dirty of`);
  assert.match(text, "different from the commit:\n  M a\n  A b\n");
  const many = Array.from({ length: 12 }, (_, index) => `M file-${index}`);
  assert.equal(listChanges({ ...commit, changes: many }).slice(-2), ["  M file-9", "  and 2 more"]);
  assert.is(listChanges({ ...commit, changes: many.slice(0, 10) }).length, 10);
});

report("name each image of a release by its digest, tags and platforms, and the release by its content", () => {
  const services = {
    ingest: { name: "127.0.0.1:5000/flights-ingest", digest: digest("a") },
    dashboard: { name: "127.0.0.1:5000/flights-dashboard", digest: digest("b") },
  };
  const release = nameRelease({ commit: commit.hash, commitTime: commit.time, author: commit.author, services });
  assert.is(
    reportRelease({
      release,
      tags: ["3c9a1b2", "main"],
      platforms: new Map([
        ["ingest", ["linux/amd64", "linux/arm64"]],
        ["dashboard", ["linux/amd64"]],
      ]),
      attested: new Map<string, Attested>([
        [
          "ingest",
          { digests: [digest("c"), digest("d")], signedBy: "SHA256:abc", unread: ["/a.jar: it is not a zip archive"] },
        ],
        ["dashboard", { none: "containers cannot reach 127.0.0.1:5000" }],
      ]),
    }),
    [
      `dashboard  127.0.0.1:5000/flights-dashboard@${digest("b")}`,
      "           tags       3c9a1b2 main",
      "           platforms  linux/amd64",
      "           carries    neither provenance nor SBOM: containers cannot reach 127.0.0.1:5000",
      `ingest     127.0.0.1:5000/flights-ingest@${digest("a")}`,
      "           tags       3c9a1b2 main",
      "           platforms  linux/amd64 linux/arm64",
      "           carries    provenance and SBOM, signed by SHA256:abc",
      "                      not in the SBOM: /a.jar: it is not a zip archive",
      "",
      `release ${release.id} from commit ${commit.hash} of 2026-11-25T14:12:49Z`,
      "",
    ].join("\n"),
  );
});

const facts = suite("the facts about an image");

const layout = (files: Record<string, unknown>) => async (path: string) => JSON.stringify(files[path]);
const manifest = { layers: [{ size: 10 }, { size: 5 }] };

facts("are those of the manifest that the layout names", async () => {
  const files = {
    "index.json": { manifests: [{ digest: digest("a") }] },
    [`blobs/sha256/${"a".repeat(64)}`]: manifest,
  };
  assert.equal(await readImageFacts(layout(files)), { digest: digest("a"), layers: 2, sizeBytes: 15 });
});

facts("are found behind an index inside the index", async () => {
  const files = {
    "index.json": { manifests: [{ digest: digest("b") }] },
    [`blobs/sha256/${"b".repeat(64)}`]: { manifests: [{ digest: digest("a") }] },
    [`blobs/sha256/${"a".repeat(64)}`]: manifest,
  };
  assert.is((await readImageFacts(layout(files))).digest, digest("a"));
});

facts("are refused when the layout holds no image, or several", async () => {
  for (const manifests of [[], [{ digest: digest("a") }, { digest: digest("b") }]]) {
    const failure = await readImageFacts(layout({ "index.json": { manifests } })).catch((error: Error) => error);
    assert.instance(failure, Error);
  }
});

report.run();
facts.run();
