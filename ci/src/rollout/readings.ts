/**
 * What was read of objects, so that one which is looked at again is not read again: a plan looks at all objects of a ring
 * before each of its steps, and nearly all are as they were. An object may not be changed once it was looked at.
 */
export class Readings {
  readonly #known = new WeakMap<object, Map<unknown, unknown>>();

  /** What `read` makes of the object, by which it is known: give the same function, not one that is equal. */
  take<Out>(item: unknown, read: (item: unknown) => Out): Out {
    if (typeof item !== "object" || item === null) return read(item);
    const known = this.#known.get(item) ?? new Map<unknown, unknown>();
    if (known.size === 0) this.#known.set(item, known);
    if (!known.has(read)) known.set(read, read(item));
    return known.get(read) as Out;
  }
}
