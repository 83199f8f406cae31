/** Gives out addresses of the session network, 10.87.0.0/16, each once until all are used: a late packet meets nobody else. */
export class AddressPool {
  readonly #taken = new Set<number>();
  #last = firstNumber - 1;

  take(): string {
    for (let tries = firstNumber; tries <= lastNumber; tries += 1) {
      this.#last = this.#last >= lastNumber ? firstNumber : this.#last + 1;
      if (this.#taken.has(this.#last)) continue;
      this.#taken.add(this.#last);
      return addressOf(this.#last);
    }
    throw new Error(
      `all ${lastNumber - firstNumber + 1} addresses of the session's network are in use; run fewer containers at a time`,
    );
  }

  giveBack(address: string): void {
    const [, , high, low] = address.split(".").map(Number);
    this.#taken.delete((high ?? 0) * 256 + (low ?? 0));
  }
}

/** 10.87.0.1 is the bridge itself; the last address of a network is for broadcast. */
const firstNumber = 2;
const lastNumber = 65_534;

export const bridgeAddress = "10.87.0.1";
export const prefixLength = 16;

function addressOf(number: number): string {
  return `10.87.${number >> 8}.${number & 255}`;
}
