import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** One flight in the United States in 2001, as published by the Bureau of Transportation Statistics. */
export interface Flight {
  /** Scheduled departure, milliseconds since 1970. */
  readonly ts: number;
  readonly delayMin: number;
  readonly origin: string;
  readonly destination: string;
}

/**
 * The first flights of `flights-3m.parquet` of the package vega-datasets, in order of their schedule.
 *
 * @throws Error when the file is not there or holds something else.
 */
export async function readFlights(rows: number, path = findFile()): Promise<Flight[]> {
  const file = await asyncBufferFromFile(path);
  const objects = await parquetReadObjects({ file, compressors, rowStart: 0, rowEnd: rows });
  return objects.map((object, index) => {
    const { date, delay, origin, destination } = object as Record<string, unknown>;
    const ts = readTime(date);
    const delayMin = Number(delay);
    if (
      ts === undefined ||
      !Number.isFinite(delayMin) ||
      typeof origin !== "string" ||
      typeof destination !== "string"
    ) {
      throw new Error(
        `${path}: row ${index} is no flight: ${JSON.stringify(object, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))}`,
      );
    }
    return { ts, delayMin, origin, destination };
  });
}

function readTime(date: unknown): number | undefined {
  if (date instanceof Date) return date.getTime();
  return typeof date === "bigint" || typeof date === "number" ? Number(date) : undefined;
}

/** Looks upwards from the working folder and from this program, wherever a bundler has put it. */
function findFile(): string {
  const inside = "node_modules/vega-datasets/data/flights-3m.parquet";
  for (const start of [process.cwd(), dirname(fileURLToPath(import.meta.url))]) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (existsSync(join(folder, inside))) return join(folder, inside);
      if (folder === dirname(folder)) break;
    }
  }
  throw new Error(`no ${inside} above ${process.cwd()}; run npm install, or say FLIGHTS_FILE=PATH`);
}
