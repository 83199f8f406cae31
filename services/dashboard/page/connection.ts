import type { Overview, SeriesChange } from "../src/page-contract.ts";

export interface Listeners {
  readonly onState: (state: "live" | "reconnecting") => void;
  readonly onChange: (change: SeriesChange) => void;
  readonly onOverview: (overview: Overview) => void;
  /** What was shown may have gaps: ask for everything anew. */
  readonly onReset: () => void;
}

/** The server sends something every 15 seconds; after this long without, the line is dead, whatever the browser thinks. */
const SILENT_MS = 40_000;

/** One stream of events at a time, for one series. */
export class Connection {
  readonly #listeners: Listeners;
  #source: EventSource | undefined;
  #series: string | undefined;
  #lastAt = Date.now();

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
    setInterval(() => {
      if (this.#source !== undefined && Date.now() - this.#lastAt > SILENT_MS) this.open(this.#series);
    }, 5_000);
  }

  open(series: string | undefined): void {
    this.close();
    this.#series = series;
    this.#lastAt = Date.now();
    const source = new EventSource(`v1/stream${series === undefined ? "" : `?series=${encodeURIComponent(series)}`}`);
    this.#source = source;
    const on = (type: string, handle: (data: string) => void) =>
      source.addEventListener(type, (event) => {
        this.#lastAt = Date.now();
        handle((event as MessageEvent<string>).data);
      });
    source.onopen = () => this.#listeners.onState("live");
    source.onerror = () => {
      this.#listeners.onState("reconnecting");
      // The browser gives up after an answer that is no stream, for example from a proxy whose server is restarting.
      if (source.readyState === EventSource.CLOSED)
        setTimeout(() => this.#source === source && this.open(series), 2_000);
    };
    on("change", (data) => this.#listeners.onChange(JSON.parse(data) as SeriesChange));
    on("overview", (data) => this.#listeners.onOverview(JSON.parse(data) as Overview));
    on("reset", () => this.#listeners.onReset());
    on("beat", () => this.#listeners.onState("live"));
  }

  close(): void {
    this.#source?.close();
    this.#source = undefined;
  }
}
