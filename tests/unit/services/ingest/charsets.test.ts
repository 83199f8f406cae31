import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createIngest, csvOf, HEADER, lineOf, T, T_MS } from "../../../support/ingest-app.ts";

const charsets = suite("charsets of bodies");

const latin1 = (text: string) => Buffer.from(text, "latin1");
const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
const notUtf8 = "save the file as UTF-8, or declare its charset in the content type. Nothing from here on was read";
const notDeclared = "the file has another charset than the declared one. Nothing from here on was read";

const files = { path: "/v1/uploads", type: "text/csv", of: csvOf };
const lines = { path: "/v1/events:stream", type: "application/x-ndjson", of: lineOf };
const events = { path: "/v1/events", type: "application/json", of: (series: string) => lineOf(series).trim() };

for (const { path, type, of } of [files, lines, events]) {
  for (const [name, charset, encode] of [
    ["UTF-8", "", (text: string) => Buffer.from(text)],
    ["UTF-8 with a byte order mark", "", (text: string) => Buffer.from(`\uFEFF${text}`)],
    ["declared UTF-8 in capitals and quotes", '; charset="UTF-8"', (text: string) => Buffer.from(text)],
    ["declared iso-8859-1", "; charset=iso-8859-1", latin1],
    ["declared windows-1252", ";charset=Windows-1252", latin1],
    ["UTF-16 with a byte order mark", "", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le")],
    ["big-endian UTF-16 with a byte order mark", "", (text: string) => utf16be(`\uFEFF${text}`)],
    ["declared UTF-16 with a byte order mark", "; charset=utf-16", (text: string) => utf16be(`\uFEFF${text}`)],
    ["declared UTF-16LE without a mark", "; charset=utf-16le", (text: string) => Buffer.from(text, "utf16le")],
    ["declared UTF-16BE without a mark", "; charset=utf-16be", utf16be],
  ] as const) {
    charsets(`${path} reads ${name}`, async () => {
      const { stored, told } = await createIngest().send(path, `${type}${charset}`, encode(of("Köln")));
      assert.equal(told, []);
      assert.equal(stored, [{ series: "Köln", ts: T_MS, value: 1 }]);
    });
  }

  for (const [name, charset, detail] of [
    [
      "is not known",
      "klingon",
      "charset=klingon is not known here; send utf-8, or declare what it is, for example utf-16le or windows-1252",
    ],
    [
      "says no order of bytes",
      "utf-16",
      "charset=utf-16 does not say which byte comes first: begin with a byte order mark, or declare utf-16le or utf-16be",
    ],
    [
      "contradicts the byte order mark",
      "iso-8859-1",
      "charset=iso-8859-1 is declared, but the body begins with the byte order mark of utf-8",
    ],
    ["is declared twice", "utf-8; charset=utf-16le", "the content type declares utf-8 and utf-16le"],
  ] as const) {
    charsets(`${path} refuses a charset that ${name}`, async () => {
      const body = charset === "iso-8859-1" ? `\uFEFF${of("a")}` : of("a");
      const { status, stored, told, text } = await createIngest().send(path, `${type}; charset=${charset}`, body);
      if (status === 200) assert.match(text, JSON.stringify(detail));
      else assert.equal([status, told], [415, [detail]]);
      assert.equal(stored, []);
    });
  }
}

for (const [charset, bytes, series] of [
  ["windows-1252", [0x80, 0x92], "€’"],
  ["iso-8859-1", [0x80, 0xe4], "€ä"],
  ["iso-8859-15", [0xa4], "€"],
  ["shift_jis", [0x82, 0xa0, 0x5c], "あ\\"],
  ["euc-jp", [0xa4, 0xa2], "あ"],
  ["gb18030", [0xd6, 0xd0], "中"],
  ["big5", [0xa4, 0xa4], "中"],
  ["euc-kr", [0xb0, 0xa1], "가"],
  ["koi8-r", [0xc1], "а"],
  ["windows-1251", [0xe0], "а"],
  ["ibm866", [0xa0], "а"],
  ["macintosh", [0x8a], "ä"],
] as const) {
  charsets(`reads ${charset} as browsers do, on every version of Node`, async () => {
    const body = Buffer.concat([latin1(HEADER), Buffer.from(bytes), latin1(`,${T},1\n`)]);
    const { stored } = await createIngest().send("/v1/uploads", `text/csv; charset=${charset}`, body);
    assert.equal(stored, [{ series, ts: T_MS, value: 1 }]);
  });
}

for (const [name, type, body, told] of [
  [
    "Latin-1 that nobody has declared",
    "",
    latin1(`${csvOf("ok")}Köln,${T},1\nKäln,${T},1\n`),
    `line 3: not utf-8 at byte offset 43 (0xF6); ${notUtf8}`,
  ],
  [
    "a character that is cut off at the end of a row",
    "",
    Buffer.concat([Buffer.from(csvOf("ok")), Buffer.from([0xe2, 0x82, 0x0a])]),
    `line 3: not utf-8 at byte offset 42 (0xE2); ${notUtf8}`,
  ],
  [
    "an overlong form",
    "",
    Buffer.concat([Buffer.from(csvOf("ok")), Buffer.from([0x61, 0xc0, 0xaf])]),
    `line 3: not utf-8 at byte offset 43 (0xC0); ${notUtf8}`,
  ],
  [
    "half of a surrogate pair in UTF-8",
    "",
    Buffer.concat([Buffer.from(csvOf("ok")), Buffer.from([0xed, 0xa0, 0x80])]),
    `line 3: not utf-8 at byte offset 42 (0xED); ${notUtf8}`,
  ],
  [
    "half of a surrogate pair in UTF-16",
    "; charset=utf-16le",
    Buffer.concat([Buffer.from(`${csvOf("ok")}a`, "utf16le"), Buffer.from([0, 0xd8, 0x61, 0])]),
    `line 3: not utf-16le at byte offset 86 (0x00D8); ${notDeclared}`,
  ],
  [
    "half a unit of UTF-16",
    "; charset=utf-16be",
    Buffer.concat([utf16be(csvOf("ok")), Buffer.from([0x61])]),
    `line 3: not utf-16be at byte offset 84 (0x61); ${notDeclared}`,
  ],
  [
    "a byte that windows-1252 does not have",
    "; charset=windows-1252",
    latin1(`${csvOf("ok")}a\x81`),
    `line 3: not windows-1252 at byte offset 43 (0x81); ${notDeclared}`,
  ],
  [
    "more than ASCII where ASCII is declared",
    "; charset=us-ascii",
    latin1(`${csvOf("ok")}ä`),
    `line 3: not us-ascii at byte offset 42 (0xE4); ${notDeclared}`,
  ],
  [
    "half a character of Shift JIS",
    "; charset=shift_jis",
    latin1(`${csvOf("ok")}a\x82,`),
    `line 3: not shift_jis at byte offset 43 (0x82); ${notDeclared}`,
  ],
] as const) {
  charsets(`refuses ${name} with line and byte, behind the rows before it`, async () => {
    const answer = await createIngest().send("/v1/uploads", `text/csv${type}`, body);
    assert.equal([answer.status, answer.told], [422, [told]]);
    assert.equal(answer.stored, [{ series: "ok", ts: T_MS, value: 1 }]);
  });
}

charsets("refuses only the lines that are not UTF-8, each with its byte", async () => {
  const body = latin1(`${lineOf("ok")}${lineOf("Köln")}\n${lineOf("b")}\xff`);
  const { told, stored } = await createIngest().send("/v1/events:stream", "application/x-ndjson", body);
  assert.equal(told, [
    "line 2 not-text: not utf-8 at byte offset 66 (0xF6)",
    "line 5 not-text: not utf-8 at byte offset 164 (0xFF)",
  ]);
  assert.equal(
    stored.map(({ series }) => series),
    ["ok", "b"],
  );
});

charsets("refuses JSON that is not UTF-8, and UTF-16 that nobody has declared", async () => {
  const ingest = createIngest();
  const bad = await ingest.send("/v1/events", "application/json", latin1(lineOf("Köln")));
  assert.equal([bad.status, bad.told], [400, ["the body is not utf-8 at byte offset 12 (0xF6)"]]);
  const csv = await ingest.send("/v1/uploads", "text/csv", Buffer.from(csvOf("a"), "utf16le"));
  assert.is(csv.status, 422);
  assert.match(csv.told[0] ?? "", "It holds NUL characters: is this UTF-16? Declare its charset");
  assert.equal(ingest.stored, []);
});

charsets("refuses a query that is not UTF-8 instead of renaming the series", async () => {
  const { told, stored } = await createIngest().send(
    "/v1/uploads?fixedSeries=K%F6ln",
    "text/csv",
    `ts,value\n${T},1\n`,
  );
  assert.equal(told, ['the query holds "fixedSeries=K%F6ln", which is not UTF-8 in percent encoding']);
  assert.equal(stored, []);
});

const form = "application/x-www-form-urlencoded";
const parts = "multipart/form-data; boundary=b";
const part = (name: string, value: string, more = "") =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;

for (const [name, type, body] of [
  ["UTF-8", form, "series=K%C3%B6ln&value=1"],
  ["the charset of the field _charset_", form, "_charset_=windows-1252&series=K%F6ln&value=1"],
  ["the charset of the content type", `${form}; charset=iso-8859-1`, "series=K%F6ln&value=1"],
  ["UTF-8 in parts", parts, Buffer.from(`${part("series", "Köln")}${part("value", "1")}--b--`)],
  [
    "_charset_ in parts",
    parts,
    latin1(`${part("series", "Köln")}${part("value", "1")}${part("_charset_", "iso-8859-1")}--b--`),
  ],
  [
    "the charset of a part",
    parts,
    latin1(`${part("series", "Köln", "\r\nContent-Type: text/plain; charset=iso-8859-1")}${part("value", "1")}--b--`),
  ],
] as const) {
  charsets(`a form may use ${name}`, async () => {
    const { status, stored } = await createIngest().send("/entry/reading", type, body);
    assert.equal([status, stored[0]?.series], [202, "Köln"]);
  });
}

for (const [name, type, body, told] of [
  [
    "a field that is not UTF-8",
    form,
    "series=K%F6ln&value=1",
    'the field "series" is not utf-8 at byte offset 1 (0xF6)',
  ],
  [
    "a part that is not UTF-8",
    parts,
    latin1(`${part("series", "Köln")}--b--`),
    'the field "series" is not utf-8 at byte offset 1 (0xF6)',
  ],
  ["a field that comes twice", form, "series=a&series=b&value=1", 'the form has "series" more than once'],
  ["parts that end early", parts, part("series", "a"), "the form ends before its last boundary"],
  ["parts without a boundary", "multipart/form-data", "x", "the content type names no boundary"],
] as const) {
  charsets(`a form is refused for ${name}`, async () => {
    const answer = await createIngest().send("/entry/reading", type, body);
    assert.equal([answer.status, answer.told, answer.stored], [400, [told], []]);
  });
}

charsets("a file in a form has the charset of its part, whatever its own name is", async () => {
  const head = 'file"; filename="K\xf6ln.csv"\r\nContent-Type: text/csv; charset=windows-1252';
  const body = latin1(`${part(head.slice(0, 4), csvOf("Köln"), head.slice(5))}--b--\r\n`);
  const { status, stored } = await createIngest().send("/entry/file", parts, body);
  assert.equal([status, stored], [202, [{ series: "Köln", ts: T_MS, value: 1 }]]);
});

charsets("text comes back whatever it is, in every charset that can hold it", async () => {
  const ingest = createIngest();
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
    .map((text) => text.replace(/[\p{Cc}\p{Cs}\s",]/gu, "_"));
  await fc.assert(
    fc.asyncProperty(name, fc.constantFrom("utf-8", "utf-16le", "utf-16be"), async (series, charset) => {
      const text = csvOf(series);
      const body =
        charset === "utf-8" ? Buffer.from(text) : charset === "utf-16le" ? Buffer.from(text, "utf16le") : utf16be(text);
      const { stored } = await ingest.send("/v1/uploads", `text/csv; charset=${charset}`, body);
      assert.equal(stored, [{ series, ts: T_MS, value: 1 }]);
    }),
    { numRuns: 150 },
  );
});

charsets.run();
