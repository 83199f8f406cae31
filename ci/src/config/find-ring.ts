import { SlipwayError } from "../account.ts";
import { ownValue } from "../input/names.ts";
import { tellNearest } from "../input/nearest-name.ts";
import type { RingSettings, Settings } from "./settings.ts";

/** A ring that slipway.yaml names, and its rules. */
export interface Ring {
  /** Also that of its namespace. */
  readonly name: string;
  readonly policy: RingSettings;
}

/** @throws SlipwayError `no-such-ring` with the list of rings when there is none of this name. */
export function findRing({ rings }: Pick<Settings, "rings">, name: string): Ring {
  const policy = ownValue(rings, name);
  if (policy !== undefined) return { name, policy };
  const names = Object.keys(rings);
  throw new SlipwayError("no-such-ring", {
    what: `there is no ring ${JSON.stringify(name)}; ${names.length === 0 ? "slipway.yaml names none" : `the rings are ${names.join(", ")}${tellNearest(name, names)}`}`,
    where: "rings of slipway.yaml",
    todo: names.length === 0 ? "add it there; slipway init proposes rings" : "use one of them, or add it there",
  });
}
