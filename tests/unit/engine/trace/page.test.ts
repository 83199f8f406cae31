import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tracePage } from "../../../../engine/src/trace/page.ts";
import { end, log, start, type Timed, traceOf } from "./runs.ts";

const page = suite("the page of a run");

const FAILED: readonly Timed[] = [
  [5, start("a", "Shop.test")],
  [10, start("b", "withExec npm test", { parent: "a", key: "0123456789abcdef0123" })],
  [20, log("b", "first\nnot ok\n")],
  [2000, end("b", "failed")],
  [1, end("a", "failed")],
  [1, start("c", "withExec lint", { parent: "a" })],
  [1, end("c", "cached")],
];

const failed = () => tracePage(traceOf(FAILED, { outcome: "failed", exitCode: 3, error: "exit code: 3" }));

/** The text that a reader of the page gets from a piece of it. */
function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, "");
}

page("what failed stands before the tree, with the way to it and its output", () => {
  const html = failed();
  const [what, tree] = [html.indexOf("What failed"), html.indexOf('id="steps"')];
  assert.ok(what > 0 && what < tree, `${what} ${tree}`);
  const section = html.slice(what, tree);
  assert.match(textOf(section), /Shop\.test › withExec npm test 2\.02 s\s*first\nnot ok/);
  assert.is(section.split('class="failure"').length, 2, "only the step that failed by itself");
});

page("its head says what was called, how it ended, when, and how much ran", () => {
  const head = textOf(/<header>[\s\S]*<\/header>/.exec(failed())?.[0] ?? "");
  assert.match(head, "Failed with exit code 3: slipway call test");
  assert.match(head, "Started2026-11-28 11:17:09Took2.05 sSteps3 (0 ran, 1 cached, 2 failed)In/shop");
  assert.match(head, "exit code: 3");
});

page("each step has a bar where its time was", () => {
  const bars = [...failed().matchAll(/class="bar" style="--at:([\d.]+);--for:([\d.]+)"/g)].map(([, at, share]) => [
    at,
    share,
  ]);
  assert.equal(bars, [
    ["0.24", "99.17"],
    ["0.73", "98.63"],
    ["99.46", "0.05"],
  ]);
});

page("parts of a step are within it", () => {
  const html = failed();
  assert.ok(html.indexOf('id="s2"') > html.indexOf('id="s1"'));
  assert.match(html, /id="s1" data-outcome="failed" style="--depth:0" open>/);
  assert.match(html, /id="s2" data-outcome="failed" style="--depth:1">/);
});

page("it loads nothing, and runs no script but its own", () => {
  const html = failed();
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? "";
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => script ?? "");
  assert.is(scripts.length, 1);
  const digest = createHash("sha256")
    .update(scripts[0] ?? "")
    .digest("base64");
  assert.is(policy, `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${digest}'`);
  assert.not.match(html, /\b(src|href)="(?!#)/);
  assert.not.match(html, /url\(|@import/);
});

const HOSTILE = `</script></style></title><script>alert(1)</script><img src=x onerror="alert(2)">\u001b[31m\u0000\u202e'`;

page("hostile names, output, notes, words and errors are text wherever they stand", () => {
  const html = tracePage(
    traceOf(
      [
        [1, start("a", HOSTILE, { key: HOSTILE, inputs: [{ name: HOSTILE, digest: HOSTILE }] })],
        [1, log("a", `${HOSTILE}\n`)],
        [1, end("a", "failed")],
        [1, { kind: "note", text: HOSTILE }],
      ],
      { program: HOSTILE, command: [HOSTILE], folder: HOSTILE, error: HOSTILE, outcome: "failed", exitCode: 1 },
    ),
  );
  assert.is(html.split(/<script/i).length, 2);
  assert.is(html.split(/<\/title/i).length, 2);
  assert.is(html.split(/<\/style/i).length, 2);
  assert.not.match(html, /<img/i);
  assert.not.ok(["\u0000", "\u202e", "\u001b"].some((character) => html.includes(character)));
});

page("the same run gives the same bytes", () => {
  assert.is(failed(), failed());
});

page("a run in which nothing ran says so", () => {
  assert.match(tracePage(traceOf([])), "Nothing ran: no function was called and no command was run.");
});

page("a run with very many steps can be shown, closed", () => {
  const html = tracePage(
    traceOf([
      [1, start("top", "Shop.all")],
      ...Array.from({ length: 1000 }, (_, nth) => [1, start(`s${nth}`, `withExec ${nth}`, { parent: "top" })] as const),
    ]),
  );
  assert.match(html, /id="s1" data-outcome="canceled" style="--depth:0">/);
  assert.is(html.split("<summary class=").length, 1002);
});

page.run();
