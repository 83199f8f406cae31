import uPlot from "uplot";
import type { AnomalyRecord, WindowRecord } from "../src/page-contract.ts";
import { make } from "./element.ts";
import { formatCount, formatTime, formatValue } from "./format.ts";

export interface ChartData {
  readonly windows: readonly WindowRecord[];
  readonly anomalies: readonly AnomalyRecord[];
  readonly unit: string;
  readonly fromTs: number;
  readonly toTs: number;
}

export interface ChartEvents {
  readonly onZoom: (fromTs: number, toTs: number) => void;
  readonly onShowAll: () => void;
  /** A window was stepped to by keyboard, in words. */
  readonly onStep: (text: string) => void;
}

type Column = (number | null)[];

/** The mean of each window over time, the range in which it was expected, and marks where it was not as expected. */
export class Chart {
  readonly #place: HTMLElement;
  readonly #events: ChartEvents;
  readonly #tip = make("div", "tip");
  #plot: uPlot | undefined;
  #data: ChartData | undefined;
  /** The window at each index of the plot's columns; `undefined` where there is a gap. */
  #at: (WindowRecord | undefined)[] = [];
  #anomalyAt = new Map<number, AnomalyRecord>();

  constructor(place: HTMLElement, events: ChartEvents) {
    this.#place = place;
    this.#events = events;
    this.#tip.hidden = true;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(place);
    // A canvas says nothing to a screen reader: it gets a name, the focus and its values in words.
    place.tabIndex = 0;
    place.setAttribute("role", "img");
    place.setAttribute("aria-describedby", "chart-help");
    place.addEventListener("keydown", (event) => this.#onKey(event));
    place.addEventListener("dblclick", () => events.onShowAll());
  }

  show(data: ChartData): void {
    this.#data = data;
    const columns = this.#columns(data);
    if (this.#plot === undefined) this.#plot = this.#create(columns);
    else this.#plot.setData(columns as uPlot.AlignedData, true);
  }

  /** Draws anew with the colours of the theme. */
  repaint(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    if (this.#data !== undefined) this.show(this.#data);
  }

  #columns({ windows, anomalies }: ChartData): Column[] {
    const [xs, means, lows, highs]: Column[] = [[], [], [], []];
    this.#at = [];
    let endTs = Number.POSITIVE_INFINITY;
    for (const window of windows) {
      // A line across hours without readings would show what nobody measured.
      if (window.startTs > endTs) this.#push([xs, means, lows, highs], [endTs / 1_000, null, null, null], undefined);
      const { startTs, mean, expected } = window;
      this.#push(
        [xs, means, lows, highs],
        [startTs / 1_000, mean, expected?.low ?? null, expected?.high ?? null],
        window,
      );
      endTs = window.endTs;
    }
    this.#anomalyAt = new Map(anomalies.map((anomaly) => [anomaly.ts, anomaly]));
    return [xs, means, lows, highs] as Column[];
  }

  #push(columns: (Column | undefined)[], values: readonly (number | null)[], window: WindowRecord | undefined): void {
    for (const [index, column] of columns.entries()) column?.push(values[index] ?? null);
    this.#at.push(window);
  }

  #size(): { width: number; height: number } {
    return { width: this.#place.clientWidth, height: this.#place.clientHeight };
  }

  #create(columns: Column[]): uPlot {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const font = "12px system-ui, sans-serif";
    const axis = { stroke: colour("soft"), font, grid: { stroke: colour("grid"), width: 1 }, ticks: { show: false } };
    const plot = new uPlot(
      {
        ...this.#size(),
        tzDate: (ts) => uPlot.tzDate(new Date(ts * 1_000), "UTC"),
        legend: { show: false },
        padding: [12, 8, 0, 0],
        cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 8 } },
        scales: {
          x: { time: true, range: () => [(this.#data?.fromTs ?? 0) / 1_000, (this.#data?.toTs ?? 1) / 1_000] },
          y: { range: (_, min, max) => this.#yRange(min, max) },
        },
        axes: [
          { ...axis, space: 80, values: (plot, splits) => labelTimes(splits, plot.scales["x"]) },
          { ...axis, size: 58, values: (_, splits) => splits.map((value) => formatValue(value)) },
        ],
        series: [
          {},
          {
            stroke: colour("accent"),
            width: 2,
            points: { show: columns[0] !== undefined && columns[0].length < 80, size: 5, fill: colour("accent") },
          },
          { stroke: "transparent", width: 0, points: { show: false } },
          { stroke: "transparent", width: 0, points: { show: false } },
        ],
        bands: [{ series: [3, 2], fill: colour("band") }],
        hooks: {
          draw: [(drawn) => this.#drawMarks(drawn, colour("high"), colour("low"), colour("card"))],
          setCursor: [(drawn) => this.#showTip(drawn)],
          setSelect: [(drawn) => this.#onSelect(drawn)],
        },
      },
      columns as uPlot.AlignedData,
      this.#place,
    );
    plot.over.append(this.#tip);
    return plot;
  }

  /** The means decide. A band that is far wider than they are is cut off: it would flatten the line. */
  #yRange(min: number | null, max: number | null): [number, number] {
    const { windows = [], fromTs = 0, toTs = 0 } = this.#data ?? {};
    const means = windows.filter(({ startTs }) => startTs >= fromTs && startTs <= toTs).map(({ mean }) => mean);
    if (means.length === 0) return [min ?? 0, max ?? 1];
    const lowest = Math.min(...means);
    const highest = Math.max(...means);
    const room = (highest - lowest || Math.abs(highest) || 1) * 0.35;
    const low = Math.max(min ?? lowest, lowest - room);
    const high = Math.min(max ?? highest, highest + room);
    const margin = (high - low || 1) * 0.08;
    return [Math.min(low, lowest) - margin, Math.max(high, highest) + margin];
  }

  #drawMarks(plot: uPlot, high: string, low: string, edge: string): void {
    const { ctx } = plot;
    const size = 7 * devicePixelRatio;
    ctx.save();
    for (const anomaly of this.#anomalyAt.values()) {
      const x = plot.valToPos(anomaly.ts / 1_000, "x", true);
      const y = plot.valToPos(anomaly.value, "y", true);
      if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue;
      const up = anomaly.direction === "high" ? -1 : 1;
      // Shape and place say the same as the colour: above the line and pointing up, or below and pointing down.
      const tipY = y + up * (size * 2.2);
      const footY = y + up * (size * 0.7);
      ctx.beginPath();
      ctx.moveTo(x, tipY);
      ctx.lineTo(x - size, footY);
      ctx.lineTo(x + size, footY);
      ctx.closePath();
      ctx.fillStyle = up === -1 ? high : low;
      ctx.fill();
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.strokeStyle = edge;
      ctx.stroke();
    }
    ctx.restore();
  }

  #showTip(plot: uPlot): void {
    const { idx, left = -1 } = plot.cursor;
    const window = idx === null || idx === undefined || left < 0 ? undefined : this.#at[idx];
    this.#tip.hidden = window === undefined;
    if (window === undefined) return;
    const unit = this.#data?.unit ?? "";
    const anomaly = this.#anomalyAt.get(window.startTs);
    const rows = [
      ["Mean", formatValue(window.mean, unit)],
      ["Expected", describeBand(window)],
      ["Min to max", `${formatValue(window.min)} to ${formatValue(window.max)}`],
      ["Std. dev.", formatValue(window.sd)],
      ["Readings", `${formatCount(window.count)}${window.state === "open" ? ", still open" : ""}`],
    ].map(([name = "", value = ""]) => make("tr", "", make("td", "", name), make("td", "", value)));
    const why =
      anomaly === undefined ? [] : [make("div", `why ${anomaly.direction}`, `${mark(anomaly)} ${anomaly.reason}`)];
    this.#tip.replaceChildren(
      make("b", "", `${formatTime(window.startTs)} UTC`),
      make("table", "", make("tbody", "", ...rows)),
      ...why,
    );
    const x = plot.valToPos(window.startTs / 1_000, "x");
    const width = this.#tip.offsetWidth;
    const beside = x + 14 + width > plot.over.clientWidth ? x - 14 - width : x + 14;
    this.#tip.style.left = `${Math.max(-50, Math.min(beside, plot.over.clientWidth - width))}px`;
    this.#tip.style.top = "8px";
  }

  #onSelect(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 5) return;
    const fromTs = plot.posToVal(left, "x") * 1_000;
    const toTs = plot.posToVal(left + width, "x") * 1_000;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#events.onZoom(Math.floor(fromTs), Math.ceil(toTs));
  }

  #onKey(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const plot = this.#plot;
    if (step === 0 || plot === undefined) return;
    event.preventDefault();
    let at = plot.cursor.idx ?? (step === 1 ? -1 : this.#at.length);
    do at += step;
    while (at >= 0 && at < this.#at.length && this.#at[at] === undefined);
    const window = this.#at[at];
    if (window === undefined) return;
    plot.setCursor({ left: plot.valToPos(window.startTs / 1_000, "x"), top: 10 });
    const anomaly = this.#anomalyAt.get(window.startTs);
    const mean = formatValue(window.mean, this.#data?.unit);
    this.#events.onStep(
      `${formatTime(window.startTs)}: mean ${mean}${anomaly === undefined ? "" : `, anomaly: ${anomaly.reason}`}`,
    );
  }
}

const dayText = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
const monthText = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", month: "short", year: "numeric" });
const hourText = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });
const DAY_S = 86_400;

/** Labels of the time axis: as coarse as the range allows, the day wherever it changes. */
function labelTimes(splits: readonly number[], scale: uPlot.Scale | undefined): string[] {
  const rangeS = (scale?.max ?? 0) - (scale?.min ?? 0);
  return splits.map((seconds, index) => {
    const date = new Date(seconds * 1_000);
    if (rangeS > 180 * DAY_S) return monthText.format(date);
    const previous = splits[index - 1];
    const isNewDay = previous === undefined || Math.floor(previous / DAY_S) !== Math.floor(seconds / DAY_S);
    if (seconds % DAY_S === 0) return dayText.format(date);
    return isNewDay && index === 0 ? `${hourText.format(date)}\n${dayText.format(date)}` : hourText.format(date);
  });
}

export function mark({ direction }: Pick<AnomalyRecord, "direction">): string {
  return direction === "high" ? "▲" : "▼";
}

export function describeBand({ expected }: Pick<WindowRecord, "expected">): string {
  return expected === undefined ? "–" : `${formatValue(expected.low)} to ${formatValue(expected.high)}`;
}
