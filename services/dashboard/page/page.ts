import "uplot/dist/uPlot.min.css";
import "./page.css";
import type { AnomalyRecord, Overview, SeriesChange, SeriesSummary, WindowRecord } from "../src/page-contract.ts";
import { type RangeName, rangeMs, readAddress, type Shown, writeAddress } from "./address.ts";
import { fetchAbout, fetchAnomalies, fetchListing, fetchSlice } from "./api.ts";
import { Chart } from "./chart.ts";
import { Connection } from "./connection.ts";
import { byId, make } from "./element.ts";
import { formatAge, formatCount, formatTime } from "./format.ts";
import { SeriesList } from "./series-list.ts";
import { downloadCsv, showAnomalies, showRows, showTiles } from "./tables.ts";
import { setUpTheme } from "./theme.ts";

/** Everything that is known of the series on show. */
interface Loaded {
  readonly id: string;
  summary: SeriesSummary;
  readonly windows: Map<number, WindowRecord>;
  readonly anomalies: Map<number, AnomalyRecord>;
}

const ranges: readonly [RangeName, string][] = [
  ["24h", "24 h"],
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["all", "All"],
];

let shown: Shown = readAddress();
let loaded: Loaded | undefined;
let allAnomalies: readonly AnomalyRecord[] = [];
let anomaliesOfAll = false;
let paused = false;
let query = "";
let changedAt: number | undefined;
let line: "connecting" | "live" | "reconnecting" = "connecting";
let drawing = 0;

const chart = new Chart(byId("chart"), {
  onZoom: (fromTs, toTs) => show({ ...shown, range: { fromTs, toTs } }, true),
  onShowAll: () => show({ ...shown, range: "all" }, true),
  onStep: (text) => {
    byId("chart-live").textContent = text;
  },
});
const list = new SeriesList(
  (id) => {
    openPicker(false);
    show({ series: id, range: typeof shown.range === "object" ? "all" : shown.range }, true);
  },
  (text) => {
    query = text;
    inBackground(loadList());
  },
);
const connection = new Connection({
  onState: (state) => {
    line = state;
    showConnection();
  },
  onChange: (change) => {
    if (!paused) takeChange(change);
  },
  onOverview: (overview) => {
    if (!paused) takeOverview(overview);
  },
  onReset: () => {
    if (!paused) inBackground(loadAll());
  },
});

/** A failed request shows as a broken line: the stream comes back with it, and then everything is asked for again. */
function inBackground(work: Promise<void>): void {
  work.catch(() => {
    line = "reconnecting";
    showConnection();
  });
}

async function loadAll(): Promise<void> {
  await Promise.all([loadList(), loadSeries(), loadAnomalies()]);
}

async function loadList(): Promise<void> {
  const asked = query;
  const listing = await fetchListing(asked);
  if (listing === undefined || asked !== query) return;
  list.show(listing.series, listing.total);
  const isEmpty = listing.totals.series === 0;
  byId("empty").hidden = !isEmpty;
  byId("content").hidden = isEmpty;
  byId("picker").hidden = isEmpty;
  if (shown.series !== undefined) return;
  // Something to look at: the series with the most to tell.
  const best = [...listing.series].sort((a, b) => b.anomalies - a.anomalies || b.readings - a.readings)[0];
  if (best !== undefined) show({ ...shown, series: best.id }, false);
}

async function loadSeries(): Promise<void> {
  const { series } = shown;
  if (series === undefined) return;
  const slice = await fetchSlice(series);
  if (series !== shown.series) return;
  loaded =
    slice === undefined
      ? undefined
      : {
          id: series,
          summary: slice.summary,
          windows: new Map(slice.windows.map((window) => [window.startTs, window])),
          anomalies: new Map(slice.anomalies.map((anomaly) => [anomaly.ts, anomaly])),
        };
  draw();
}

async function loadAnomalies(): Promise<void> {
  allAnomalies = await fetchAnomalies();
  draw();
}

function takeChange({ series, windows, anomalies }: SeriesChange): void {
  if (loaded === undefined || loaded.id !== series) return;
  for (const window of windows) loaded.windows.set(window.startTs, window);
  for (const anomaly of anomalies) loaded.anomalies.set(anomaly.ts, anomaly);
  draw();
}

let listIsDue = false;

function takeOverview({ totals, changed, anomalies }: Overview): void {
  changedAt = Date.now();
  list.update(changed);
  for (const summary of changed) if (loaded !== undefined && summary.id === loaded.id) loaded.summary = summary;
  if (anomalies.length > 0) {
    const known = new Map(
      [...allAnomalies, ...anomalies].map((anomaly) => [`${anomaly.series}|${anomaly.ts}`, anomaly]),
    );
    allAnomalies = [...known.values()].sort((a, b) => b.ts - a.ts).slice(0, 100);
  }
  // New names need a look at the list; while much comes in, once a second is enough.
  if (totals.series !== knownSeries) {
    knownSeries = totals.series;
    if (!listIsDue) {
      listIsDue = true;
      setTimeout(() => {
        listIsDue = false;
        inBackground(loadList());
        if (loaded === undefined) inBackground(loadSeries());
      }, 1_000);
    }
  }
  showTotals(totals.readings);
  draw();
}

let knownSeries = 0;

function showTotals(readings: number): void {
  byId("age").title = `${formatCount(readings)} readings in all`;
}

/** Changes what is on show: the address, the stream and the pictures follow. */
function show(next: Shown, push: boolean): void {
  writeAddress(next, push);
  follow(next);
}

/** Shows what the address says. */
function follow(next: Shown): void {
  const other = next.series !== shown.series;
  shown = next;
  list.choose(shown.series);
  if (other) {
    loaded = undefined;
    connection.open(shown.series);
    inBackground(loadSeries());
  }
  draw();
}

/** Draws once for all changes of a frame. */
function draw(): void {
  if (drawing !== 0) return;
  drawing = requestAnimationFrame(() => {
    drawing = 0;
    drawNow();
  });
}

function drawNow(): void {
  byId("picker-toggle").textContent = shown.series ?? "Choose a series";
  for (const button of byId("ranges").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset["range"] === shown.range));
  }
  byId("title").textContent = shown.series ?? "";
  if (loaded === undefined) {
    byId("summary").textContent = shown.series === undefined ? "" : "Nothing is known of this series yet.";
    return;
  }
  const all = [...loaded.windows.values()].sort((a, b) => a.startTs - b.startTs);
  const { fromTs, toTs } = visibleRange(all);
  const windows = all.filter(({ startTs }) => startTs >= fromTs && startTs < toTs);
  const anomalies = [...loaded.anomalies.values()]
    .filter(({ ts }) => ts >= fromTs && ts < toTs)
    .sort((a, b) => b.ts - a.ts);
  const { summary, id } = loaded;
  byId("summary").textContent = `${formatTime(fromTs)} to ${formatTime(toTs)} UTC`;
  byId("chart").setAttribute(
    "aria-label",
    `Chart of ${id}: ${windows.length} windows from ${formatTime(fromTs)} to ${formatTime(toTs)}, ${anomalies.length} anomalies`,
  );
  showTiles(summary, windows, anomalies.length);
  chart.show({ windows, anomalies, unit: summary.unit ?? "", fromTs, toTs });
  showAnomalies(anomaliesOfAll ? allAnomalies : anomalies, anomaliesOfAll, (anomaly) => {
    const around = (anomaly.endTs - anomaly.ts) * 48;
    show({ series: anomaly.series, range: { fromTs: anomaly.ts - around, toTs: anomaly.endTs + around } }, true);
    scrollTo({ top: 0 });
  });
  if (byId<HTMLDetailsElement>("table-card").open) showRows(id, windows);
}

function visibleRange(all: readonly WindowRecord[]): { fromTs: number; toTs: number } {
  if (typeof shown.range === "object") return shown.range;
  const first = all[0]?.startTs ?? 0;
  const end = all.at(-1)?.endTs ?? 1;
  return { fromTs: Math.max(first, end - rangeMs[shown.range]), toTs: end };
}

function showConnection(): void {
  const state = paused ? "paused" : line;
  const words = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…", paused: "Paused" };
  byId("connection").dataset["state"] = state;
  byId("connection-text").textContent = words[state];
}

function setPaused(next: boolean): void {
  paused = next;
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("pause").textContent = paused ? "Resume" : "Pause";
  showConnection();
  if (!paused) inBackground(loadAll());
}

function openPicker(open: boolean): void {
  byId("picker").dataset["open"] = String(open);
  byId("picker-toggle").setAttribute("aria-expanded", String(open));
}

function setAnomaliesOfAll(all: boolean): void {
  anomaliesOfAll = all;
  byId("anomalies-all").setAttribute("aria-pressed", String(all));
  byId("anomalies-own").setAttribute("aria-pressed", String(!all));
  draw();
}

for (const [name, text] of ranges) {
  const button = make("button", "", text);
  button.dataset["range"] = name;
  button.addEventListener("click", () => show({ ...shown, range: name }, true));
  byId("ranges").append(button);
}
byId("pause").addEventListener("click", () => setPaused(!paused));
byId("picker-toggle").addEventListener("click", () => openPicker(byId("picker").dataset["open"] !== "true"));
byId("anomalies-own").addEventListener("click", () => setAnomaliesOfAll(false));
byId("anomalies-all").addEventListener("click", () => setAnomaliesOfAll(true));
byId("table-card").addEventListener("toggle", draw);
byId("export").addEventListener("click", () => {
  if (loaded !== undefined)
    downloadCsv(
      loaded.id,
      [...loaded.windows.values()].sort((a, b) => a.startTs - b.startTs),
    );
});
window.addEventListener("popstate", () => follow(readAddress()));
setInterval(() => {
  byId("age").textContent = changedAt === undefined ? "" : `changed ${formatAge(Date.now() - changedAt)}`;
}, 1_000);
byId("example").textContent = [
  `curl ${location.origin}/v1/events -H 'content-type: application/json' \\`,
  `  -d '{"series": "pump-7", "ts": "${new Date().toISOString()}", "value": 21.5}'`,
].join("\n");
inBackground(
  fetchAbout().then((about) => {
    byId("add").hidden = about?.canAdd !== true;
    byId("empty-add").hidden = about?.canAdd !== true;
  }),
);

setUpTheme(() => chart.repaint());
list.choose(shown.series);
// The server answers the new stream with a reset, which loads everything.
connection.open(shown.series);
