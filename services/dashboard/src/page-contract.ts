import type { AnomalyRecord, WindowRecord } from "@slipway/contracts";

/** What the server tells the page as JSON, and the page relies on. Types alone: both sides import this, and nothing else of each other. */

/** A series in short. */
export interface SeriesSummary {
  readonly id: string;
  readonly unit?: string | undefined;
  readonly windows: number;
  readonly readings: number;
  readonly anomalies: number;
  readonly firstTs: number;
  readonly lastTs: number;
  readonly lastMean: number;
}

export interface Totals {
  readonly series: number;
  readonly windows: number;
  readonly readings: number;
  readonly anomalies: number;
}

/** Part of a series. `truncated` says that older windows of the range were left out. */
export interface SeriesSlice {
  readonly summary: SeriesSummary;
  readonly windows: readonly WindowRecord[];
  readonly anomalies: readonly AnomalyRecord[];
  readonly truncated: boolean;
  /** Rises with every change of the series. */
  readonly version: number;
}

/** Series by name. `total` counts those that did not fit as well. */
export interface SeriesFound {
  readonly total: number;
  readonly series: readonly SeriesSummary[];
}

/** `GET /v1/series`. */
export interface SeriesListing extends SeriesFound {
  readonly totals: Totals;
}

/** `GET /v1/anomalies`, newest first. */
export interface AnomalyListing {
  readonly anomalies: readonly AnomalyRecord[];
  readonly total: number;
}

/** `GET /v1/about`. */
export interface About {
  /** Whether there is an ingest that accepts readings. */
  readonly canAdd: boolean;
  readonly totals: Totals;
}

/** Event `change` of `GET /v1/stream`: what is new of a series that was asked for. */
export interface SeriesChange {
  readonly series: string;
  readonly windows: readonly WindowRecord[];
  readonly anomalies: readonly AnomalyRecord[];
}

/** Event `overview` of `GET /v1/stream`: what everybody is told. */
export interface Overview {
  readonly totals: Totals;
  readonly changed: readonly SeriesSummary[];
  readonly anomalies: readonly AnomalyRecord[];
}

export type { AnomalyRecord, WindowRecord };
