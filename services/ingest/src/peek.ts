/**
 * Looks at the first bytes of a body. `head` holds `count` of them, or all of a shorter body; `body(skip)` is the whole
 * body without its first `skip` bytes, which must be in the head.
 */
export async function peek(
  bytes: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ readonly head: Uint8Array; readonly body: (skip: number) => AsyncGenerator<Uint8Array> }> {
  const chunks = bytes[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array();
  while (first.length < count) {
    const next = await chunks.next();
    if (next.done === true) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  return {
    head: first.subarray(0, count),
    body: async function* (skip) {
      if (first.length > skip) yield first.subarray(skip);
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    },
  };
}
