import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { UploadRecord } from "../../../../services/contracts/src/index.ts";
import { Admission } from "../../../../services/ingest/src/admission.ts";
import { KnownUploads } from "../../../../services/ingest/src/known-uploads.ts";
import { defaultLimits } from "../../../../services/ingest/src/limits.ts";

const bounded = suite("what ingest holds in memory");

const rowErrors = Array.from({ length: 10_000 }, (_, line) => ({ line, column: "value", reason: "is missing" }));

const recordOf = (at: number, errors = 0): UploadRecord => ({
  id: `up-${String(at).padStart(24, "0")}`,
  state: "done",
  startedAt: "2024-01-01T00:00:00.000Z",
  endedAt: "2024-01-01T00:00:00.000Z",
  fingerprint: "f".repeat(64),
  bytes: at,
  rows: errors,
  accepted: 0,
  rejected: errors,
  errors: rowErrors.slice(0, errors),
});

bounded("knows an upload as it was written last", () => {
  const known = new KnownUploads();
  known.set({ ...recordOf(1, 3), state: "failed" });
  assert.equal(known.get(recordOf(1).id), { ...recordOf(1, 3), state: "failed" });
  known.set(recordOf(1));
  assert.equal(known.get(recordOf(1).id), recordOf(1));
  assert.is(known.get("up-other"), undefined);
});

bounded("forgets the oldest of many uploads, and remembers tens of thousands", () => {
  const known = new KnownUploads();
  for (let at = 0; at < 110_000; at += 1) known.set(recordOf(at));
  assert.is(known.get(recordOf(0).id), undefined);
  assert.equal(known.get(recordOf(109_999).id), recordOf(109_999));
  assert.equal(known.get(recordOf(60_000).id), recordOf(60_000));
});

bounded("forgets the row errors of old uploads first, and keeps their counts", () => {
  const known = new KnownUploads();
  for (let at = 0; at < 100; at += 1) known.set(recordOf(at, 10_000));
  assert.equal(known.get(recordOf(0).id), { ...recordOf(0, 10_000), errors: [] });
  assert.is(known.get(recordOf(99).id)?.errors.length, 10_000);
});

const refusalOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return "let in";
};

bounded("lets files, large bodies and small ones have their part of the memory, and gives all of it back", () => {
  const mib = 1024 * 1024;
  const admission = new Admission({ ...defaultLimits, maxOpenUploads: 100, maxRequestMemoryBytes: 16 * mib });
  const used = "the memory for requests is used up by others that are under way";
  const uploads = Array.from({ length: 4 }, () => admission.openUpload());
  assert.is(
    refusalOf(() => admission.openUpload()),
    used,
  );
  const large = admission.openBody();
  large.reserve(2 * mib);
  assert.is(
    refusalOf(() => large.reserve(1)),
    used,
  );
  const small = admission.openBody();
  small.reserve(256 * 1024);
  assert.is(
    refusalOf(() => small.reserve(1)),
    used,
  );
  for (const ticket of [...uploads, large, small, ...uploads]) ticket.close();
  assert.equal([admission.bytes, admission.uploads], [0, 0]);
});

bounded("does not count a file that was refused", () => {
  const admission = new Admission({ ...defaultLimits, maxOpenUploads: 1 });
  const first = admission.openUpload();
  assert.is(
    refusalOf(() => admission.openUpload()),
    "1 files and streams are under way, the most at once",
  );
  first.close();
  assert.is(
    refusalOf(() => admission.openUpload()),
    "let in",
  );
});

bounded.run();
