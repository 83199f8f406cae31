import * as zlib from "node:zlib";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { codingNames, readPacking, unpack } from "../../../../services/ingest/src/content-encoding.ts";
import { createIngest, csvOf, HEADER, lineOf, T, T_MS } from "../../../support/ingest-app.ts";

const encodings = suite("packed bodies");

const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer };
const stored = [{ series: "a", ts: T_MS, value: 1 }];
const bounds = { maxBytes: 1_000_000, maxUnpackRatio: 500 };
const whole = Buffer.from(csvOf("a"));

for (const [path, type, text] of [
  ["/v1/uploads", "text/csv", csvOf("a")],
  ["/v1/events:stream", "application/x-ndjson", lineOf("a")],
  ["/v1/events", "application/json", lineOf("a")],
  ["/entry/reading", "application/x-www-form-urlencoded", `series=a&ts=${T}&value=1`],
] as const) {
  for (const [coding, pack] of [
    ["gzip", gzipSync],
    ["GZip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["br", brotliCompressSync],
    ["identity", (bytes: Buffer) => bytes],
    ["identity, gzip", gzipSync],
    ["gzip, br", (bytes: Buffer) => brotliCompressSync(gzipSync(bytes))],
  ] as const) {
    encodings(`${path} unpacks ${coding} (${pack.name})`, async () => {
      const answer = await createIngest().send(path, type, pack(Buffer.from(text)), { "content-encoding": coding });
      assert.equal([answer.told, answer.stored], [[], stored]);
    });
  }

  for (const coding of ["compress", "gzip, aes128gcm", "*", "gzip;q=1"]) {
    encodings(`${path} refuses ${coding} with 415, and says what it understands`, async () => {
      const answer = await createIngest().send(path, type, text, { "content-encoding": coding });
      assert.equal([answer.status, answer.headers.get("accept-encoding"), answer.stored], [415, codingNames, []]);
      const unknown = JSON.stringify(coding.split(", ").at(-1));
      assert.equal(answer.told, [`Content-Encoding ${unknown} is not supported; expected one of ${codingNames}`]);
    });
  }
}

encodings("unpack zstd where this version of Node has it, and else say that it is not known", async () => {
  const packed = zstdCompressSync?.(whole) ?? whole;
  const answer = await createIngest().send("/v1/uploads", "text/csv", packed, { "content-encoding": "zstd" });
  if (zstdCompressSync === undefined) assert.equal([answer.status, codingNames], [415, "gzip, deflate, br"]);
  else assert.equal([answer.stored, codingNames], [stored, "gzip, deflate, br, zstd"]);
});

encodings("refuse a longer list of codings than programs make", async () => {
  const answer = await createIngest().send("/v1/uploads", "text/csv", whole, {
    "content-encoding": "gzip, gzip, gzip",
  });
  assert.equal([answer.status, answer.told], [415, ["expected at most 2 content encodings in a list"]]);
});

encodings("read all members of a gzip file", async () => {
  const body = Buffer.concat([gzipSync(HEADER), gzipSync(`a,${T},1\n`), gzipSync(""), gzipSync(`b,${T},1\n`)]);
  const answer = await createIngest().send("/v1/uploads", "text/csv", body, { "content-encoding": "gzip" });
  assert.equal(
    answer.stored.map(({ series }) => series),
    ["a", "b"],
  );
});

const wrongCheck = gzipSync(whole);
wrongCheck.writeUInt8(wrongCheck.readUInt8(wrongCheck.length - 7) ^ 1, wrongCheck.length - 7);

for (const [name, coding, body, detail] of [
  [
    "gzip that is cut off",
    "gzip",
    gzipSync(whole).subarray(0, -9),
    "the body is not complete gzip data: unexpected end of file",
  ],
  [
    "gzip without its check",
    "gzip",
    gzipSync(whole).subarray(0, -8),
    "the body is not complete gzip data: unexpected end of file",
  ],
  ["gzip with a wrong check", "gzip", wrongCheck, "the body is not complete gzip data: incorrect data check"],
  ["text that is not gzip", "gzip", whole, "the body is not complete gzip data: incorrect header check"],
  ["nothing", "gzip", Buffer.from(""), "the body is not complete gzip data: unexpected end of file"],
  [
    "zeros behind gzip",
    "gzip",
    Buffer.concat([gzipSync(whole), Buffer.alloc(9)]),
    "the body is not complete gzip data: 9 bytes follow after its end",
  ],
  [
    "deflate that is cut off",
    "deflate",
    deflateSync(whole).subarray(0, -5),
    "the body is not complete deflate data: unexpected end of file",
  ],
  [
    "brotli that is cut off",
    "br",
    brotliCompressSync(whole).subarray(0, -3),
    "the body is not complete br data: unexpected end of file",
  ],
  [
    "text behind brotli",
    "br",
    Buffer.concat([brotliCompressSync(whole), Buffer.from("xx")]),
    "the body is not complete br data: 2 bytes follow after its end",
  ],
] as const) {
  encodings(`refuse ${name} with 400`, async () => {
    const answer = await createIngest().send("/v1/uploads", "text/csv", body, { "content-encoding": coding });
    assert.equal([answer.status, answer.told], [400, [detail]]);
    const lines = await createIngest().send("/v1/events:stream", "application/x-ndjson", body, {
      "content-encoding": coding,
    });
    assert.match(lines.text, JSON.stringify({ kind: "malformed", detail }));
    assert.not.match(lines.text, '"done":true');
  });
}

encodings("may be repeated in another packing with the same key, because the content is the same", async () => {
  const ingest = createIngest();
  const key = { "idempotency-key": "k" };
  await ingest.send("/v1/uploads", "text/csv", whole, key);
  const again = await ingest.send("/v1/uploads", "text/csv", gzipSync(whole), { ...key, "content-encoding": "gzip" });
  assert.equal([again.status, again.headers.get("idempotency-replayed"), again.stored], [201, "true", []]);
});

for (const [name, pack, coding] of [
  ["a gzip bomb", gzipSync, "gzip"],
  ["a brotli bomb", brotliCompressSync, "br"],
  ["a gzip bomb in a gzip bomb", (bytes: Buffer) => gzipSync(gzipSync(bytes)), "gzip, gzip"],
  [
    "a bomb of many members",
    (bytes: Buffer) => Buffer.concat(Array(4).fill(gzipSync(bytes.subarray((bytes.length / 4) * 3)))),
    "gzip",
  ],
] as const) {
  const bomb = pack(Buffer.alloc(12_000_000, "\n"));
  encodings(`refuse ${name} with 413, for a file and for JSON`, async () => {
    const ingest = createIngest();
    const file = await ingest.send("/v1/uploads", "text/csv", bomb, { "content-encoding": coding });
    assert.equal(
      [file.status, file.told],
      [413, ["the body unpacks to more than 500 times what was sent; send it unpacked"]],
    );
    const json = await ingest.send("/v1/events", "application/json", bomb, { "content-encoding": coding });
    assert.equal([json.status, json.told], [413, ["expected at most 1000000 bytes unpacked"]]);
  });
}

encodings("take a file that packs well", async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => `a,${T},${index % 10}\n`).join("");
  const ingest = createIngest();
  const answer = await ingest.send("/v1/uploads", "text/csv", gzipSync(HEADER + rows), { "content-encoding": "gzip" });
  assert.equal([answer.status, answer.stored.length], [201, 20_000]);
});

encodings("come out the same wherever the network cuts them", async () => {
  const coding = fc.constantFrom(
    ["gzip", gzipSync] as const,
    ["deflate", deflateSync] as const,
    ["br", brotliCompressSync] as const,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3_000 }),
      coding,
      fc.integer({ min: 1, max: 700 }),
      async (bytes, [name, pack], size) => {
        const packed = pack(bytes);
        const chunks = async function* () {
          for (let at = 0; at < packed.length; at += size) yield packed.subarray(at, at + size);
        };
        const out: Uint8Array[] = [];
        for await (const chunk of unpack(chunks(), readPacking(name), bounds)) out.push(chunk);
        assert.ok(Buffer.concat(out).equals(bytes));
      },
    ),
    { numRuns: 200 },
  );
});

encodings("never come out short: every cut of a packed file is refused", async () => {
  const packed = gzipSync(Buffer.from(`${HEADER}${`a,${T},1\n`.repeat(20)}`));
  for (let length = 1; length < packed.length; length += 1) {
    const one = async function* () {
      yield packed.subarray(0, length);
    };
    const read = async () => {
      for await (const _ of unpack(one(), readPacking("gzip"), bounds));
    };
    const failure = await read().then(
      () => "taken",
      (error: Error) => error.message,
    );
    assert.is(failure, "the body is not complete gzip data: unexpected end of file", `cut to ${length} bytes`);
  }
});

encodings.run();
