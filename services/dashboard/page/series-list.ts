import type { SeriesSummary } from "../src/page-contract.ts";
import { byId, make } from "./element.ts";
import { formatCount, formatValue } from "./format.ts";

/** The series to choose from, with a search field. */
export class SeriesList {
  readonly #list = byId("series");
  readonly #buttons = new Map<string, HTMLButtonElement>();
  #chosen: string | undefined;

  constructor(onChoose: (id: string) => void, onSearch: (query: string) => void) {
    this.#list.addEventListener("click", (event) => {
      const id = (event.target as Element).closest("button")?.dataset["id"];
      if (id !== undefined) onChoose(id);
    });
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
    const search = byId<HTMLInputElement>("search");
    let timer = 0;
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => onSearch(search.value.trim()), 150);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") this.#list.querySelector("button")?.focus();
    });
  }

  show(series: readonly SeriesSummary[], total: number): void {
    const more = total > series.length ? `, the first ${series.length} shown` : "";
    byId("series-count").textContent = `${formatCount(total)} series${more}`;
    const shown = new Set(series.map(({ id }) => id));
    for (const id of this.#buttons.keys()) if (!shown.has(id)) this.#buttons.delete(id);
    // Buttons that stay are kept as they are, so that the focus does not get lost.
    this.#list.replaceChildren(...series.map((summary) => make("li", "", this.#fill(summary))));
    this.choose(this.#chosen);
  }

  /** Brings the ones that are shown up to date. */
  update(series: readonly SeriesSummary[]): void {
    for (const summary of series) if (this.#buttons.has(summary.id)) this.#fill(summary);
  }

  choose(id: string | undefined): void {
    if (id !== undefined && id !== this.#chosen) this.#buttons.get(id)?.scrollIntoView({ block: "nearest" });
    this.#chosen = id;
    for (const [name, button] of this.#buttons) button.setAttribute("aria-current", String(name === id));
  }

  #fill(summary: SeriesSummary): HTMLButtonElement {
    const { id, unit = "", anomalies, lastMean, windows } = summary;
    let button = this.#buttons.get(id);
    if (button === undefined) {
      button = document.createElement("button");
      button.type = "button";
      button.dataset["id"] = id;
      button.title = id;
      this.#buttons.set(id, button);
    }
    const meta = make("span", "meta", `${formatCount(windows)} windows`);
    if (anomalies > 0) meta.append(" · ", make("span", "flag", `${anomalies} anomal${anomalies === 1 ? "y" : "ies"}`));
    button.replaceChildren(make("span", "name", id), make("span", "value", formatValue(lastMean, unit)), meta);
    return button;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const item = (event.target as Element).closest("li");
    const next = event.key === "ArrowDown" ? item?.nextElementSibling : item?.previousElementSibling;
    if (next !== null && next !== undefined) next.querySelector("button")?.focus();
    else if (event.key === "ArrowUp") byId("search").focus();
  }
}
