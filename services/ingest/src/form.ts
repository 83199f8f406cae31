import { Readable } from "node:stream";
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { readCharsetName } from "./charset.ts";
import type { Deps } from "./deps.ts";
import { storeItems } from "./events.ts";
import { type Form, readForm } from "./form-fields.ts";
import { formCss } from "./form-style.ts";
import type { Intake } from "./intake.ts";
import type { Limits } from "./limits.ts";
import { readNumber } from "./number-text.ts";
import { describeProblem } from "./problem.ts";
import { sources } from "./reading-record.ts";
import { readWishes, takeUpload } from "./upload-routes.ts";

const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

/** Something to tell the person who sent a form. */
interface Notice {
  readonly good: boolean;
  readonly title: string;
  readonly lines: readonly string[];
}

/** The entry form for people. Plain HTML: it works without JavaScript. */
export function addFormRoutes(app: Hono, deps: Deps, intake: Intake): void {
  app.get("/", (c) => c.html(renderPage(), 200, PAGE_HEADERS));
  app.get("/form.css", (c) =>
    c.body(formCss, 200, { "content-type": "text/css; charset=utf-8", "cache-control": "max-age=300" }),
  );

  app.post("/entry/reading", (c) =>
    intake.withWhole(c, async (body) => {
      const { fields } = readForm(c.req.header("content-type"), body, intake.limits.maxFormParts);
      return takeReading(c, deps, (name) => (fields.get(name) ?? "").trim());
    }),
  );

  app.post("/entry/file", (c) =>
    intake.withWhole(c, async (body) => {
      const form = readForm(c.req.header("content-type"), body, intake.limits.maxFormParts);
      return takeFile(c, deps, form, intake.limits);
    }),
  );
}

async function takeReading(c: Context, deps: Deps, text: (name: string) => string): Promise<Response> {
  const value = readNumber(text("value"));
  const item = {
    series: text("series"),
    ts: text("ts") === "" ? deps.now() : withZone(text("ts")),
    value: value.ok ? value.value : undefined,
    ...(text("unit") === "" ? {} : { unit: text("unit") }),
  };
  const [result] = await storeItems([item], deps.now() + deps.futureToleranceMs, (reading) =>
    deps.store(reading, sources.form),
  );
  if (result === undefined) throw new Error("one reading has no result");
  deps.metrics.events.inc({ result: result.status });
  if (result.status === "stored") {
    const lines = [`${item.series}: ${text("value")} ${text("unit")}`.trim()];
    return c.html(renderPage({ good: true, title: "Stored", lines }, text("series")), 202, PAGE_HEADERS);
  }
  const lines =
    result.status === "refused" ? result.problems.map(({ field, detail }) => `${field} ${detail}`) : [result.detail];
  if (!value.ok && text("value") !== "") lines.push(value.problem);
  const status = result.status === "refused" ? 422 : describeProblem(result.kind).status;
  return c.html(renderPage({ good: false, title: "Not stored", lines }, text("series")), status, PAGE_HEADERS);
}

async function takeFile(c: Context, deps: Deps, { fields, file }: Form, limits: Limits): Promise<Response> {
  const refuse = (lines: readonly string[]) =>
    c.html(renderPage({ good: false, title: "Not stored", lines }), 422, PAGE_HEADERS);
  if (file === undefined || file.bytes.length === 0) return refuse(["choose a CSV file"]);
  const query = new URLSearchParams({ zone: "Z" });
  for (const name of ["series", "ts", "value", "fixedSeries", "delimiter", "decimal"]) {
    const wish = (fields.get(name) ?? "").trim();
    if (wish !== "") query.set(name, wish);
  }
  const wishes = readWishes(query);
  if ("problems" in wishes) return refuse(wishes.problems);
  const charset = readCharsetName(file.contentType);
  const body = Readable.from([file.bytes]);
  const request = { body, wishes: wishes.wishes, charset, limits, idempotencyKey: undefined };
  const answer = await takeUpload(deps, request);
  if (answer.kind !== "ran") throw new Error(`an upload without a key cannot be ${answer.kind}`);
  const { record, failed } = answer.outcome;
  const lines = [
    `${record.rows} rows: ${record.accepted} stored, ${record.rejected} refused`,
    ...(failed === undefined ? [] : [failed.detail]),
    ...record.errors.slice(0, 100).map(({ line, column, reason }) => `line ${line} ${column}: ${reason}`),
    ...(record.errors.length > 100 ? [`and more: GET /v1/uploads/${record.id} has all of them`] : []),
  ];
  const good = failed === undefined && record.rejected === 0;
  const title = good ? "All rows stored" : record.accepted > 0 ? "Stored in part" : "Not stored";
  const ofNone = failed === undefined ? 422 : describeProblem(failed.kind).status;
  const status = good ? 202 : record.accepted > 0 ? 207 : ofNone;
  return c.html(renderPage({ good, title, lines }), status, PAGE_HEADERS);
}

/** The form says times in UTC; a browser's date field sends none. */
function withZone(text: string): string {
  return /(Z|[+-]\d{2}:?\d{2})$/i.test(text) || /^\d+$/.test(text) ? text : `${text}Z`;
}

function renderPage(notice?: Notice, series = "") {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Slipway: add readings</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="form.css">
</head>
<body>
<header><h1>Add readings</h1><p>They are stored in Kafka first and counted into their window a moment later.</p></header>
<main>
  ${
    notice === undefined
      ? ""
      : html`<section class="notice ${notice.good ? "good" : "bad"}" role="status">
    <h2>${notice.good ? "✓" : "✕"} ${notice.title}</h2>
    <ul>${notice.lines.map((line) => html`<li>${line}</li>`)}</ul>
  </section>`
  }
  <section>
    <h2>One reading</h2>
    <form method="post" action="entry/reading">
      <label>Series <input name="series" required maxlength="200" value="${series}" placeholder="pump-7/temperature"></label>
      <label>Value <input name="value" required inputmode="decimal" placeholder="21.5"></label>
      <label>Unit <span>optional</span> <input name="unit" maxlength="50" placeholder="°C"></label>
      <label>Time in UTC <span>empty for now</span> <input name="ts" type="datetime-local" step="1"></label>
      <button>Store reading</button>
    </form>
  </section>
  <section>
    <h2>A CSV file</h2>
    <p>The first line names the columns. Good rows are stored, bad ones are listed with line and reason.</p>
    <form method="post" action="entry/file" enctype="multipart/form-data">
      <label>File <input name="file" type="file" accept=".csv,text/csv" required></label>
      <div class="columns">
        <label>Series column <input name="series" placeholder="series"></label>
        <label>Time column <input name="ts" placeholder="ts"></label>
        <label>Value column <input name="value" placeholder="value"></label>
      </div>
      <div class="columns">
        <label>Delimiter <select name="delimiter"><option value="">as the file says, or comma</option><option value=";">;</option><option value="&#9;">tab</option><option value="|">|</option></select></label>
        <label>Fractions are written <select name="decimal"><option value="">1.5</option><option value=",">1,5</option></select></label>
      </div>
      <label>Or all rows belong to <input name="fixedSeries" placeholder="name of the series"></label>
      <button>Store file</button>
    </form>
  </section>
</main>
</body>
</html>`;
}
