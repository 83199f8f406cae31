import { type Commit, nameRevision } from "../git/commit.ts";
import type { Release } from "../rollout/release.ts";
import { listServices, referTo } from "../rollout/release.ts";
import { alignColumns } from "../table.ts";
import type { Attested } from "./attest.ts";
import type { ImageFacts } from "./image-facts.ts";

/** A release, and what of its images the release file does not say. */
export interface Published {
  readonly release: Release;
  /** Each image has all of them. */
  readonly tags: readonly string[];
  /** By service. */
  readonly platforms: ReadonlyMap<string, readonly string[]>;
  /** What hangs on the images, by service; empty when nothing was to. */
  readonly attested: ReadonlyMap<string, Attested>;
}

/** How many changed files a report names before it only counts them. */
const NAMED_CHANGES = 10;

/** One line a service: size, layers and digest; then what they were made from. */
export function reportBuild(built: ReadonlyMap<string, ImageFacts>, commit: Commit): string {
  const table = [...built].map(([service, { sizeBytes, layers, digest }]) => [
    service,
    `${(sizeBytes / 1e6).toFixed(1)} MB`.padStart(8),
    `${layers} layers`,
    digest,
  ]);
  const sum = `${built.size} ${built.size === 1 ? "image" : "images"} from commit ${nameRevision(commit)} of ${commit.time}`;
  const changed = commit.changes.length === 0 ? [] : ["different from the commit:", ...listChanges(commit)];
  return `${[...alignColumns(table), "", sum, ...changed].join("\n")}\n`;
}

/**
 * Of each service the address by which a cluster pulls it, the tags that have the same digest, the platforms, and what it
 * carries; then the release they make up.
 */
export function reportRelease({ release, tags, platforms, attested }: Published): string {
  const table = listServices(release).flatMap((service) => [
    [service, referTo(release, service)],
    ["", `tags       ${tags.join(" ")}`],
    ["", `platforms  ${(platforms.get(service) ?? []).join(" ")}`],
    ...tellAttested(attested.get(service)).map((line) => ["", line]),
  ]);
  const sum = `release ${release.id} from commit ${release.commit} of ${release.commitTime}`;
  return `${[...alignColumns(table), "", sum].join("\n")}\n`;
}

function tellAttested(attested: Attested | undefined): string[] {
  if (attested === undefined) return [];
  if ("none" in attested) return [`carries    neither provenance nor SBOM: ${attested.none}`];
  const { signedBy, unread } = attested;
  const by = signedBy === undefined ? "not signed" : `signed by ${signedBy}`;
  return [`carries    provenance and SBOM, ${by}`, ...unread.map((line) => `           not in the SBOM: ${line}`)];
}

/** The files that are not as in the commit, one line each and indented; of many only the first. */
export function listChanges({ changes }: Commit): string[] {
  const more = changes.length - NAMED_CHANGES;
  return [...changes.slice(0, NAMED_CHANGES), ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `  ${line}`);
}
