import type { RowError, UploadRecord } from "@slipway/contracts";

/** Characters of JSON that are kept: about 50,000 uploads, and the row errors of a few dozen bad ones. */
const MAX_RECORD_CHARS = 24 * 1024 * 1024;
const MAX_ERROR_CHARS = 16 * 1024 * 1024;

/**
 * Uploads by id in bounded memory. When there are too many, the oldest lose first their row errors (counts stay) and later
 * everything; an Idempotency-Key that is forgotten runs again, and its rows are known by their ids.
 */
export class KnownUploads {
  readonly #records = new Texts(MAX_RECORD_CHARS);
  readonly #errors = new Texts(MAX_ERROR_CHARS);

  get(id: string): UploadRecord | undefined {
    const record = this.#records.get(id);
    if (record === undefined) return undefined;
    const errors = JSON.parse(this.#errors.get(id) ?? "[]") as RowError[];
    return { ...(JSON.parse(record) as Omit<UploadRecord, "errors">), errors } as UploadRecord;
  }

  set({ errors, ...record }: UploadRecord): void {
    this.#records.set(record.id, JSON.stringify(record));
    if (errors.length > 0) this.#errors.set(record.id, JSON.stringify(errors));
    else this.#errors.delete(record.id);
  }
}

/** Texts by key, the oldest dropped when all together are too long. */
class Texts {
  readonly #maxChars: number;
  readonly #texts = new Map<string, string>();
  #chars = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  get(key: string): string | undefined {
    return this.#texts.get(key);
  }

  set(key: string, text: string): void {
    this.delete(key);
    this.#texts.set(key, text);
    this.#chars += text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#chars <= this.#maxChars) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#chars -= this.#texts.get(key)?.length ?? 0;
    this.#texts.delete(key);
  }
}
