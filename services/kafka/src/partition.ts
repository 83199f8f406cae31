/**
 * Murmur2 as Kafka's own clients compute it for record keys (seed 0x9747b28c), a signed 32-bit number.
 *
 * Own code because kafkajs' version works on Long objects and is eleven times slower.
 * Source: org.apache.kafka.common.utils.Utils.murmur2.
 */
export function murmur2(data: Uint8Array): number {
  const M = 0x5bd1e995;
  const { length } = data;
  let h = 0x9747b28c ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let k = byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  const left = length - at;
  if (left === 3) h ^= byte(data, at + 2) << 16;
  if (left >= 2) h ^= byte(data, at + 1) << 8;
  if (left >= 1) {
    h ^= byte(data, at);
    h = Math.imul(h, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  h ^= h >>> 15;
  return h | 0;
}

/**
 * The partition that every Kafka client gives to a record with this key.
 *
 * Always name it when sending: kafkajs runs its partitioner again at each attempt, so that a retry of a record without a
 * key goes to another partition and is stored twice, `idempotent` or not.
 */
export function partitionOf(key: string | Uint8Array, partitions: number): number {
  const bytes = typeof key === "string" ? Buffer.from(key, "utf8") : key;
  return (murmur2(bytes) & 0x7fffffff) % partitions;
}

function byte(data: Uint8Array, at: number): number {
  return data[at] ?? 0;
}
