import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { drawRelease } from "../../pictures/draw-release.ts";
import { drawRun } from "../../pictures/draw-run.ts";
import { drawPictures } from "../../pictures/pictures.ts";
import { condenseRing, type Sample } from "../../pictures/release-record.ts";
import { condenseTrace } from "../../pictures/run-record.ts";

const pictures = suite("the pictures of the documents");

pictures("are those of the records beside them: npm run pictures draws them", () => {
  const drawn = drawPictures("docs/pictures");
  assert.ok(drawn.has("run"));
  for (const [name, svg] of drawn) assert.is(readFileSync(`docs/pictures/${name}.svg`, "utf8"), svg);
});

pictures("of a run have the longest steps of a kept trace, with what they are a part of", () => {
  const step = (number: number, name: string, startMs: number, endMs: number, outcome = "done", parent?: number) => ({
    ...{ number, name, startMs, endMs, outcome },
    ...(parent === undefined ? {} : { parent }),
  });
  const trace = {
    ...{ command: ["call", "test", "--trace", "run.html"], startedAt: "2026-11-28T19:00:00.000Z", durationMs: 9_000 },
    steps: [
      step(1, "Slipway", 0, 5, "cached"),
      step(2, "Slipway.test", 100, 9_000),
      step(3, "withExec timeout -k 10 1800 npm run <lint>", 200, 4_000, "done", 2),
      step(4, "withExec true", 200, 210, "done", 2),
      step(5, "withExec npm ci", 0, 8_000, "cached", 2),
    ],
  };
  const record = condenseTrace(`checksum\n${JSON.stringify(trace)}`);
  assert.equal(record, {
    ...{ command: "slipway call test", startedAt: trace.startedAt, durationMs: 9_000, ran: 3, known: 2 },
    steps: [
      { name: "test", depth: 0, startMs: 100, endMs: 9_000 },
      { name: "npm run <lint>", depth: 1, startMs: 200, endMs: 4_000 },
    ],
  });
  const svg = drawRun(record);
  assert.match(svg, /<text[^>]*>\$ slipway call test<\/text>/);
  assert.match(svg, /<text[^>]*>npm run &lt;lint><\/text>/);
  assert.match(svg, /<text[^>]*>3\.8 s<\/text>/);
  assert.match(svg, /prefers-color-scheme: dark/);
});

pictures("of a release begin where one release takes over from another, and tell how many requests failed", () => {
  const seen = (atMs: number, phase: string, live: string, answered: boolean | null = true): Sample => ({
    ...{ atMs, phase, live, blue: 2, green: live === "green" ? 2 : 0, answered },
  });
  const samples = [
    ...[
      seen(0, "", "", null),
      seen(1_000, "PREPARED", "", null),
      seen(2_000, "STABLE", "blue"),
      seen(20_000, "STABLE", "blue"),
    ],
    ...[seen(21_000, "STABLE", "blue"), seen(22_000, "PREPARED", "blue"), seen(30_000, "BAKING", "green", false)],
    ...[
      seen(40_000, "ROLLBACK", "blue"),
      seen(42_000, "STABLE", "blue"),
      seen(43_000, "STABLE", "blue"),
      seen(99_000, "STABLE", "blue"),
    ],
  ];
  const record = condenseRing(JSON.stringify({ startedAt: "2026-11-28T19:00:00.000Z", samples }));
  assert.equal(
    record.samples.map(({ atMs }) => atMs),
    [1_000, 2_000, 3_000, 11_000, 21_000, 23_000, 24_000],
  );
  const svg = drawRelease(record);
  assert.match(svg, />7 requests, 1 answered with an error<\/text>/);
  assert.match(svg, /class="red pale"/);
  assert.match(svg, /prefers-color-scheme: dark/);
});

pictures.run();
