import type { Found } from "../languages/language.ts";

type Path = readonly PropertyKey[];

/** A value that counts, where it is from, and what it was preferred to. */
export interface Decision {
  readonly from: string;
  readonly instead: readonly Found<unknown>[];
}

/** Where a value is from that nobody wrote and that was not found. */
export const DEFAULT = "default";

/** Remembers of each value where it is from. */
export class Decisions {
  readonly #made = new Map<string, Decision>();
  readonly #place: (path: Path) => string | undefined;

  /** @param place where the file says it: `slipway.yaml:12`; undefined when it does not */
  constructor(place: (path: Path) => string | undefined = () => undefined) {
    this.#place = place;
  }

  /**
   * The first of the candidates that there is. The others are remembered as what it was preferred to.
   *
   * @param written what the file says
   */
  decide<T>(path: Path, written: T | undefined, ...candidates: readonly (Found<T> | undefined)[]): T | undefined {
    const inFile = written === undefined ? [] : [{ value: written, from: this.#placeAround(path) }];
    const [first, ...others] = [...inFile, ...candidates.filter((one) => one !== undefined)];
    if (first === undefined) return undefined;
    const isOther = ({ value, from }: Found<T>) =>
      !from.startsWith(DEFAULT) && JSON.stringify(value) !== JSON.stringify(first.value);
    this.note(path, first.from, others.filter(isOther));
    return first.value;
  }

  /** Remembers where the value at a path is from. */
  note(path: Path, from: string, instead: readonly Found<unknown>[] = []): void {
    this.#made.set(keyOf(path), { from, instead });
  }

  /** Where the value at a path is from: of a part of something, where the whole is from. */
  of(path: Path): Decision {
    const made = this.#made.get(keyOf(path));
    if (made !== undefined) return made;
    const written = this.#place(path);
    if (written !== undefined) return { from: written, instead: [] };
    const above = path.slice(0, -1);
    for (let at = above; at.length > 0; at = at.slice(0, -1)) {
      const whole = this.#made.get(keyOf(at));
      if (whole !== undefined) return whole;
    }
    return { from: DEFAULT, instead: [] };
  }

  /** Of what is written in a short form, the place of the whole. */
  #placeAround(path: Path): string {
    for (let at = path; at.length > 0; at = at.slice(0, -1)) {
      const place = this.#place(at);
      if (place !== undefined) return place;
    }
    return DEFAULT;
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}
