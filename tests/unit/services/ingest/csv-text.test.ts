import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CsvRow } from "../../../../services/ingest/src/csv-row.ts";
import { readCsvRows } from "../../../../services/ingest/src/csv-rows.ts";
import { cutAtLines } from "../../../../services/ingest/src/line-pieces.ts";

const csv = suite("rows of CSV");

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? bytes.length);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(
  bytes: Uint8Array,
  { sizes = [bytes.length], delimiter, charset, maxLineBytes = 262_144 }: ReadOptions = {},
) {
  const rows: CsvRow[] = [];
  try {
    for await (const row of readCsvRows(inChunks(bytes, sizes), { delimiter, charset, limits: { maxLineBytes } }))
      rows.push(row);
  } catch (error) {
    return { rows, problem: (error as Error).message };
  }
  return { rows };
}

interface ReadOptions {
  readonly sizes?: readonly number[];
  readonly delimiter?: string;
  readonly charset?: string;
  readonly maxLineBytes?: number;
}

const rowsOf = async (text: string, options?: ReadOptions) =>
  (await read(Buffer.from(text), options)).rows.map(({ line, cells }) => [line, ...cells]);

for (const [name, text, rows] of [
  [
    "LF",
    "a,b\nc,d\n",
    [
      [1, "a", "b"],
      [2, "c", "d"],
    ],
  ],
  [
    "CR LF",
    "a,b\r\nc,d\r\n",
    [
      [1, "a", "b"],
      [2, "c", "d"],
    ],
  ],
  [
    "CR, as old spreadsheets write",
    "a,b\rc,d\r",
    [
      [1, "a", "b"],
      [2, "c", "d"],
    ],
  ],
  [
    "a header in CR LF and rows in LF",
    "a,b\r\nc,d\ne,f\n",
    [
      [1, "a", "b"],
      [2, "c", "d"],
      [3, "e", "f"],
    ],
  ],
  [
    "all of them in one file",
    "a\nb\rc\r\nd",
    [
      [1, "a"],
      [2, "b"],
      [3, "c"],
      [4, "d"],
    ],
  ],
  [
    "no line end at the end",
    "a,b\nc,",
    [
      [1, "a", "b"],
      [2, "c", ""],
    ],
  ],
  [
    "CR LF inside quotes, which is one line end",
    '"a\r\nb",c\r\nd,e\r\n',
    [
      [1, "a\r\nb", "c"],
      [3, "d", "e"],
    ],
  ],
  [
    "CR and LF inside quotes",
    '"a\rb\nc",d\ne\n',
    [
      [1, "a\rb\nc", "d"],
      [4, "e"],
    ],
  ],
  [
    "blank lines, also before the header",
    "\n\r\na\n\n\nb\n",
    [
      [3, "a"],
      [6, "b"],
    ],
  ],
  [
    "what other programs take for line ends",
    "a\u2028b\u2029c\u0085d\u000be\u000cf\nx",
    [
      [1, "a\u2028b\u2029c\u0085d\u000be\u000cf"],
      [2, "x"],
    ],
  ],
  ["NUL characters", "a\0b\n", [[1, "a\0b"]]],
  ["doubled quotes", '"a ""b"" c",""\n', [[1, 'a "b" c', ""]]],
  [
    "quotes in the middle of a cell, as text",
    'a"b,c"d"e,f\ng,h,i\n',
    [
      [1, 'a"b', 'c"d"e', "f"],
      [2, "g", "h", "i"],
    ],
  ],
  ["text behind a closing quote, as it was sent", '"a"b,"c,d"e\n', [[1, '"a"b', '"c,d"e']]],
  ["spaces behind a closing quote", '"a" ,"b"\t\n', [[1, "a", "b"]]],
  ["an empty cell in quotes, which is no blank line", '""\n', [[1, ""]]],
  ["a byte order mark", "\uFEFFa,b\n", [[1, "a", "b"]]],
  ["a byte order mark before quotes", '\uFEFF"a",b\n', [[1, "a", "b"]]],
] as const) {
  csv(`are read with ${name}`, async () => {
    assert.equal(await rowsOf(text), rows);
    for (const size of [1, 2, 3, 5]) assert.equal(await rowsOf(text, { sizes: [size] }), rows, `in chunks of ${size}`);
  });
}

for (const [name, text, delimiter, rows] of [
  ["a first line sep=", "sep=;\r\na;b,c\r\n", undefined, [[2, "a", "b,c"]]],
  ["a first line sep= in quotes", '"sep=\t"\na\tb\n', undefined, [[2, "a", "b"]]],
  ["a semicolon that is asked for", "a;b,c\n", ";", [[1, "a", "b,c"]]],
  ["both, when they agree", "SEP=|\na|b\n", "|", [[2, "a", "b"]]],
] as const) {
  csv(`are cut by ${name}`, async () => {
    assert.equal(await rowsOf(text, delimiter === undefined ? {} : { delimiter }), rows);
  });
}

csv("are refused when the file and the request name other delimiters", async () => {
  const { problem } = await read(Buffer.from("sep=;\na;b\n"), { delimiter: "," });
  assert.is(problem, "line 1: the file says sep=; and the request ?delimiter=,; leave one of them out");
});

for (const [name, text, problem, kept] of [
  [
    "a quote that is never closed",
    'a\n"b\nc\nd\n',
    "line 2: a quote is opened in or after this line and never closed; nothing from here on was read",
    1,
  ],
  [
    "a line that is too long",
    `a\n\n${"x".repeat(101)}\nb\n`,
    "line 3: the row is longer than 100 bytes; is a quote never closed? Nothing from here on was read",
    1,
  ],
  [
    "a row of many lines that is too long",
    `a\nb\n"${"x\r\n".repeat(60)}"\nc\n`,
    "line 3: the row is longer than 100 bytes; is a quote never closed? Nothing from here on was read",
    2,
  ],
  [
    "a long line inside quotes",
    `a\n"b\n${"ä".repeat(80)}\n`,
    "line 2: the row is longer than 100 bytes; is a quote never closed? Nothing from here on was read",
    1,
  ],
] as const) {
  csv(`end at ${name}, behind the rows before it`, async () => {
    for (const sizes of [[text.length * 2], [1], [7], [64, 1]]) {
      const read1 = await read(Buffer.from(text), { sizes, maxLineBytes: 100 });
      assert.equal([read1.problem, read1.rows.length], [problem, kept], `in chunks of ${sizes}`);
    }
  });
}

csv("may be exactly as long as the bound", async () => {
  for (const end of ["\n", "\r\n", ""]) {
    const { rows, problem } = await read(Buffer.from(`${"x".repeat(100)}${end}`), { maxLineBytes: 100, sizes: [9] });
    assert.equal([rows.length, problem], [1, undefined], JSON.stringify(end));
  }
});

const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('"', ",", "\n", "\r", "\r\n", " ", "ä", "€", "😀", "\u2028", "x"),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    ),
    maxLength: 12,
  })
  .map((raw) => raw.replace(/\p{Cs}/gu, ""));
const table = fc.array(fc.array(text, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
const encode = (rows: string, charset: string) =>
  charset === "utf-8"
    ? Buffer.from(rows)
    : charset === "utf-16le"
      ? Buffer.from(rows, "utf16le")
      : Buffer.from(rows, "utf16le").swap16();

csv("come back from any cells, line ends, charset and cuts", async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      lineEnd,
      sizes,
      fc.constantFrom("utf-8", "utf-16le", "utf-16be"),
      async (rows, end, cuts, charset) => {
        const written =
          rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join(end) + end;
        const { rows: back, problem } = await read(encode(written, charset), { sizes: cuts, charset });
        assert.is(problem, undefined);
        assert.equal(
          back.map(({ cells }) => cells),
          rows,
        );
        let line = 1;
        for (const [at, { line: told }] of back.entries()) {
          assert.is(told, line);
          line += 1 + (rows[at]?.join("\0").match(/\r\n|\r|\n/g)?.length ?? 0);
        }
      },
    ),
    { numRuns: 300 },
  );
});

csv("are the same as another parser's, whatever the cells and the cuts", async () => {
  const plain = fc.array(fc.constantFrom("a", "ä", " ", "😀"), { maxLength: 4 }).map((parts) => parts.join(""));
  const quoted = fc
    .array(fc.constantFrom("a", '""', ",", "\n", " "), { maxLength: 6 })
    .map((parts) => `"${parts.join("")}"`);
  const row = fc.array(fc.oneof(plain, quoted), { minLength: 1, maxLength: 5 }).map((cells) => cells.join(","));
  const file = fc.array(row, { maxLength: 6 }).map((rows) => rows.join("\n"));
  await fc.assert(
    fc.asyncProperty(file, sizes, async (written, cuts) => {
      const theirs = parse(written, { relax_column_count: true, skip_empty_lines: true, record_delimiter: ["\n"] });
      const ours = await read(Buffer.from(written), { sizes: cuts });
      assert.equal(
        ours.rows.map(({ cells }) => cells),
        theirs,
      );
    }),
    { numRuns: 500 },
  );
});

csv("are cut at line ends only, and no byte gets lost", async () => {
  const bytes = fc
    .array(fc.constantFrom(0x0a, 0x0d, 0x00, 0x61, 0xc3, 0xa4), { maxLength: 60 })
    .map((all) => Buffer.from(all));
  await fc.assert(
    fc.asyncProperty(
      bytes,
      sizes,
      fc.constantFrom("bytes" as const, "utf-16le" as const, "utf-16be" as const),
      async (body, cuts, units) => {
        const pieces: Buffer[] = [];
        let at = 0;
        for await (const piece of cutAtLines(inChunks(body, cuts), { units, maxLineBytes: 1_000 })) {
          assert.is(piece.at, at);
          at += piece.bytes.length;
          pieces.push(piece.bytes);
        }
        assert.ok(Buffer.concat(pieces).equals(body));
        const ends = units === "bytes" ? /(\r|\n)$/ : units === "utf-16le" ? /(\r\0|\n\0)$/ : /(\0\r|\0\n)$/;
        for (const piece of pieces.slice(0, -1)) assert.match(piece.toString("latin1"), ends);
      },
    ),
    { numRuns: 300 },
  );
});

csv.run();
