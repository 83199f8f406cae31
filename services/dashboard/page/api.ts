import type { About, AnomalyListing, AnomalyRecord, SeriesListing, SeriesSlice } from "../src/page-contract.ts";

/** @throws Error with the status when the answer is none. */
async function ask<T>(path: string): Promise<T | undefined> {
  const answer = await fetch(path);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return (await answer.json()) as T;
}

export const fetchListing = (query: string) => ask<SeriesListing>(`v1/series?limit=300&q=${encodeURIComponent(query)}`);
export const fetchSlice = (id: string) => ask<SeriesSlice>(`v1/series/${encodeURIComponent(id)}?limit=20000`);
export const fetchAbout = () => ask<About>("v1/about");

/** Newest first. */
export async function fetchAnomalies(): Promise<readonly AnomalyRecord[]> {
  return (await ask<AnomalyListing>("v1/anomalies?limit=100"))?.anomalies ?? [];
}
