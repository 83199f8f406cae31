/** What the server answers; see services/contracts and src/view.ts. */
export interface Summary {
  readonly id: string;
  readonly unit?: string;
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

export interface Win {
  readonly startTs: number;
  readonly endTs: number;
  readonly count: number;
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly max: number;
  readonly rev: number;
  readonly state: "open" | "final";
  readonly expected?: { readonly low: number; readonly high: number };
}

export interface Anomaly {
  readonly series: string;
  readonly ts: number;
  readonly endTs: number;
  readonly value: number;
  readonly expected: { readonly low: number; readonly high: number };
  readonly score: number;
  readonly direction: "high" | "low";
  readonly reason: string;
}

export interface Slice {
  readonly summary: Summary;
  readonly windows: readonly Win[];
  readonly anomalies: readonly Anomaly[];
  readonly truncated: boolean;
}

export interface Listing {
  readonly total: number;
  readonly series: readonly Summary[];
  readonly totals: Totals;
}

/** @throws Error with the status when the answer is none. */
async function ask<T>(path: string): Promise<T | undefined> {
  const answer = await fetch(path);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return (await answer.json()) as T;
}

export const fetchListing = (query: string) => ask<Listing>(`v1/series?limit=300&q=${encodeURIComponent(query)}`);
export const fetchSlice = (id: string) => ask<Slice>(`v1/series/${encodeURIComponent(id)}?limit=20000`);
export const fetchAbout = () => ask<{ readonly canAdd: boolean }>("v1/about");

/** Newest first. */
export async function fetchAnomalies(): Promise<readonly Anomaly[]> {
  return (await ask<{ anomalies: readonly Anomaly[] }>("v1/anomalies?limit=100"))?.anomalies ?? [];
}
