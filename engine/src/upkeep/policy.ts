/** How much of a store may stay, in bytes; 0 is no bound. */
export interface SpacePolicy {
  readonly maxUsedSpace: number;
  readonly targetSpace: number;
  readonly reservedSpace: number;
  readonly minFreeSpace: number;
}

/**
 * What may be left of a store by a policy, as the real engine counts it; undefined when nothing has to go.
 *
 * @param usedBytes what the store takes now
 * @param freeBytes what its disk has left
 */
export function leftBy(policy: SpacePolicy, usedBytes: number, freeBytes: number): number | undefined {
  const { maxUsedSpace, targetSpace, reservedSpace, minFreeSpace } = policy;
  if (maxUsedSpace <= 0 && targetSpace <= 0 && reservedSpace <= 0 && minFreeSpace <= 0) return 0;
  const isTooLarge = maxUsedSpace > 0 && usedBytes > maxUsedSpace;
  const isTooFull = minFreeSpace > 0 && freeBytes < minFreeSpace;
  if (!isTooLarge && !isTooFull) return undefined;
  const left = [
    usedBytes,
    ...(isTooLarge ? [Math.max(maxUsedSpace, reservedSpace)] : []),
    ...(isTooFull ? [usedBytes - (minFreeSpace - freeBytes)] : []),
    ...(targetSpace > 0 ? [Math.max(targetSpace, reservedSpace)] : []),
  ];
  const least = Math.max(0, Math.min(...left));
  return least < usedBytes ? least : undefined;
}
