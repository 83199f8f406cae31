import { type Blobs, recordName } from "../blobs.ts";
import type { Reference } from "../reference.ts";

/** In which repository of a registry a blob was seen last: another one there can take it over without an upload. */
export class Sources {
  readonly #blobs: Blobs;

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  async note({ registry, repository }: Reference, digest: string): Promise<void> {
    const known = this.#recall(registry, digest);
    if (known?.repository !== repository) await this.#blobs.record(nameOf(registry, digest), { repository });
  }

  #recall(registry: string, digest: string): { readonly repository: string } | undefined {
    return this.#blobs.recall(nameOf(registry, digest), ({ repository }) => typeof repository === "string");
  }

  /** Another repository than the one of the reference. */
  async find({ registry, repository }: Reference, digest: string): Promise<string | undefined> {
    const known = this.#recall(registry, digest);
    return known === undefined || known.repository === repository ? undefined : known.repository;
  }
}

function nameOf(registry: string, digest: string): string {
  return recordName("source", `${registry} ${digest}`);
}
