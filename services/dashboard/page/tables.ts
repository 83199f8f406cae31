import type { AnomalyRecord, SeriesSummary, WindowRecord } from "../src/page-contract.ts";
import { describeBand, mark } from "./chart.ts";
import { byId, make } from "./element.ts";
import { formatCount, formatDuration, formatTime, formatValue } from "./format.ts";

/** Rows of the table; more would make the page slow, and the file has them all. */
const MAX_ROWS = 300;

export function showTiles(summary: SeriesSummary, windows: readonly WindowRecord[], anomalies: number): void {
  const last = windows.at(-1);
  const readings = windows.reduce((sum, { count }) => sum + count, 0);
  const weighted = windows.reduce((sum, { count, mean }) => sum + count * mean, 0) / (readings || 1);
  const unit = summary.unit ?? "";
  const tiles: [string, string, string][] = [
    ["Newest window", formatValue(last?.mean ?? Number.NaN, unit), last?.state === "open" ? "open" : ""],
    ["Mean in this range", readings === 0 ? "–" : formatValue(weighted, unit), ""],
    ["Readings in this range", formatCount(readings), ""],
    [
      "Windows",
      formatCount(windows.length),
      last === undefined ? "" : `of ${formatDuration(last.endTs - last.startTs)}`,
    ],
    ["Anomalies", formatCount(anomalies), ""],
  ];
  byId("tiles").replaceChildren(
    ...tiles.map(([name, value, small]) =>
      make(
        "div",
        "",
        make("dt", "", name),
        make("dd", "", value, ...(small === "" ? [] : [" ", make("small", "", small)])),
      ),
    ),
  );
}

export function showAnomalies(
  anomalies: readonly AnomalyRecord[],
  withSeries: boolean,
  onChoose: (anomaly: AnomalyRecord) => void,
): void {
  const items = anomalies.slice(0, 100).map((anomaly) => {
    const button = document.createElement("button");
    button.type = "button";
    const when = make("time", "", `${formatTime(anomaly.ts)} UTC`);
    const how = `nusually ${anomaly.direction}, ${formatValue(anomaly.value)}`;
    const what = withSeries ? `${anomaly.series}: u${how}` : `U${how}`;
    button.append(
      make("span", anomaly.direction, mark(anomaly)),
      make("span", "what", what),
      when,
      make("span", "why", anomaly.reason),
    );
    button.addEventListener("click", () => onChoose(anomaly));
    return make("li", "", button);
  });
  const nothing = withSeries ? "None so far." : "None in this range. The first windows of a series are for learning.";
  byId("anomalies").replaceChildren(...(items.length > 0 ? items : [make("li", "none", nothing)]));
}

export function showRows(series: string, windows: readonly WindowRecord[]): void {
  byId("caption").textContent = `Windows of ${series}, newest first`;
  byId("table-note").textContent =
    windows.length > MAX_ROWS
      ? `The newest ${MAX_ROWS} of ${formatCount(windows.length)} windows of this range. The file has all of them.`
      : `${formatCount(windows.length)} windows`;
  const rows = windows
    .slice(-MAX_ROWS)
    .reverse()
    .map((window) => {
      const { startTs, count, mean, sd, min, max, state, rev } = window;
      const cells = [
        formatTime(startTs),
        formatCount(count),
        formatValue(mean),
        describeBand(window),
        formatValue(sd),
        formatValue(min),
        formatValue(max),
        rev > 0 ? `${state}, corrected ${rev}×` : state,
      ];
      return make("tr", "", ...cells.map((text) => make("td", "", text)));
    });
  byId("rows").replaceChildren(...rows);
}

/** Lets the browser save the windows as a file. */
export function downloadCsv(series: string, windows: readonly WindowRecord[]): void {
  const lines = windows.map(({ startTs, endTs, count, mean, sd, min, max, state, rev }) =>
    [new Date(startTs).toISOString(), new Date(endTs).toISOString(), count, mean, sd, min, max, state, rev].join(","),
  );
  const text = ["start,end,count,mean,sd,min,max,state,rev", ...lines, ""].join("\n");
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${series.replace(/[^\w.-]+/g, "_")}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
