/** What was taken one after the other, such as an address and a port on it, to be given back the other way round. */
export class Taken {
  readonly #steps: (() => unknown)[] = [];
  #given: Promise<void> | undefined;

  /** @param giveBack gives back what was just taken */
  add(giveBack: () => unknown): void {
    this.#steps.unshift(giveBack);
  }

  /**
   * Gives all of it back, whatever becomes of each. Safe to call twice.
   *
   * @throws the first of the errors, when all is done
   */
  giveBack(): Promise<void> {
    this.#given ??= this.#giveBack();
    return this.#given;
  }

  /** Takes more, and when that fails gives back what was taken until then: what went wrong first is what counts. */
  async take<T>(more: () => Promise<T>): Promise<T> {
    try {
      return await more();
    } catch (error) {
      await this.giveBack().catch(() => undefined);
      throw error;
    }
  }

  async #giveBack(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0)) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
