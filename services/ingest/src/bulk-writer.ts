import type { Reading } from "@slipway/contracts";
import { Lane, type Stored } from "@slipway/kafka";

export interface BulkDeps {
  /** Stores a reading; once one of the lane has failed, it refuses the later ones. */
  readonly store: (reading: Reading, lane: Lane) => Promise<Stored>;
  readonly awaitRoom: () => Promise<void>;
}

/** Readings of one file that may be on their way at once. */
const MAX_UNDER_WAY = 5_000;

/**
 * Stores readings of one file as fast as the broker takes them, in their order and never past a failure: the processor
 * knows of each file and series only the highest row, so a hole would be lost for good.
 */
export class BulkWriter {
  readonly #deps: BulkDeps;
  readonly #lane = new Lane();
  #underWay = 0;
  #stored = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(deps: BulkDeps) {
    this.#deps = deps;
  }

  /** Readings that the broker has confirmed. */
  get stored(): number {
    return this.#stored;
  }

  /**
   * Takes one reading, waiting while too many are under way.
   *
   * @throws Error with the first failed delivery. This reading is not stored; which of those before it are, nobody knows.
   */
  async put(reading: Reading): Promise<void> {
    while (this.#underWay >= MAX_UNDER_WAY) await this.#change();
    await this.#deps.awaitRoom();
    if (this.#failure !== undefined) throw this.#failure;
    this.#underWay += 1;
    void this.#store(reading);
  }

  /** Waits for everything under way. @throws Error with the first failed delivery. */
  async finish(): Promise<void> {
    await this.settle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for everything under way, whatever becomes of it. */
  async settle(): Promise<void> {
    while (this.#underWay > 0) await this.#change();
  }

  async #store(reading: Reading): Promise<void> {
    try {
      await this.#deps.store(reading, this.#lane);
      this.#stored += 1;
    } catch (error) {
      // A full queue fails the lane as well: the next reading must not be stored before this one.
      this.#lane.failure ??= error as Error;
      this.#failure ??= error as Error;
    } finally {
      this.#underWay -= 1;
      this.#wake?.();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
