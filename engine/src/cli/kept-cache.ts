import { statfsSync, statSync } from "node:fs";
import type { CacheEntry, CachePolicy, KeptCache, PruneOptions } from "../api/session.ts";
import { spaceInBytes } from "../go-texts/disk-space.ts";
import { tellSize } from "../store/size-text.ts";
import { type Holdings, readHoldings } from "../upkeep/holdings.ts";
import { leftBy } from "../upkeep/policy.ts";
import { emptyTrash, KEPT_PART, prune } from "../upkeep/prune.ts";
import { type Place, Sizes } from "../upkeep/sizes.ts";

/** The kinds of Dagger's records, in a word of a person and in its own. */
const KINDS: Readonly<Record<keyof Holdings, readonly [description: string, recordType: string]>> = {
  results: ["result of a step or a function", "regular"],
  images: ["image, or layer packed for a registry", "regular"],
  layers: ["layer that no result needs", "regular"],
  volumes: ["cache volume", "exec.cachemount"],
  modules: ["module of a git repository", "source.git.checkout"],
  packages: ["packages for recipes", "internal"],
  runs: ["what a run did, for slipway trace", "internal"],
};

/** The store as a client of the API sees and prunes it. */
export class StoreCache implements KeptCache {
  readonly #wishes: PruneOptions[] = [];
  readonly #startedMs = Date.now();

  /** @param limitBytes what the store may take; infinite for no limit */
  constructor(
    readonly place: Place,
    readonly limitBytes: number,
  ) {}

  policy(): CachePolicy {
    const max = Number.isFinite(this.limitBytes) ? this.limitBytes : 0;
    return { maxUsedSpace: max, targetSpace: Math.floor(max * KEPT_PART), reservedSpace: 0, minFreeSpace: 0 };
  }

  async entries(): Promise<readonly CacheEntry[]> {
    const sizes = new Sizes(this.place.storeDir);
    await sizes.measure();
    sizes.save(this.place);
    const holdings = await readHoldings(this.place.storeDir, sizes.layers);
    const counted = new Set<string>();
    return (Object.keys(KINDS) as (keyof Holdings)[]).flatMap((kind) => {
      const [description, recordType] = KINDS[kind];
      return holdings[kind].map(({ path, bytes, usedMs, needs }): CacheEntry => {
        const parts = needs.filter((need) => !counted.has(need.path));
        for (const need of parts) counted.add(need.path);
        return {
          description,
          recordType,
          bytes: parts.reduce((total, need) => total + need.bytes, bytes),
          createdMs: Math.floor(statSync(path, { throwIfNoEntry: false })?.birthtimeMs ?? usedMs),
          usedMs: Math.floor(usedMs),
          activelyUsed: usedMs >= this.#startedMs,
        };
      });
    });
  }

  async prune(options: PruneOptions): Promise<void> {
    this.#wishes.push(options);
  }

  /** Does what was asked for. To be called at the end of the session, when it needs nothing of the store any more. */
  async pruneAtEnd(tell: (line: string) => void): Promise<void> {
    for (const wish of this.#wishes) await this.#pruneBy(wish, tell);
  }

  async #pruneBy({ useDefaultPolicy, spaces }: PruneOptions, tell: (line: string) => void): Promise<void> {
    const { storeDir } = this.place;
    const disk = statfsSync(storeDir);
    const none: CachePolicy = { maxUsedSpace: 0, targetSpace: 0, reservedSpace: 0, minFreeSpace: 0 };
    const given = Object.entries(spaces).flatMap(([name, space]) =>
      space === undefined ? [] : [[name, spaceInBytes(space, disk.blocks * disk.bsize)]],
    );
    const policy: CachePolicy = { ...(useDefaultPolicy ? this.policy() : none), ...Object.fromEntries(given) };
    if (useDefaultPolicy && !Number.isFinite(this.limitBytes) && given.length === 0) return;
    const sizes = new Sizes(storeDir);
    await sizes.measure();
    await sizes.measureRest();
    const left = leftBy(policy, sizes.totalBytes, disk.bavail * disk.bsize);
    if (left === undefined) return;
    const choice = await prune(this.place, sizes, left);
    if (choice === undefined) return tell("the store was not pruned: another command uses it");
    sizes.save(this.place);
    await emptyTrash(storeDir);
    if (choice.remove.length > 0) tell(`pruned ${tellSize(choice.freedBytes)} of the store`);
  }
}
