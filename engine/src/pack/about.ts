import { arch } from "node:os";
import { inUserNamespace } from "../store/overlay.ts";

/** Of the pack as a file, and of what lies in it. A store of another format cannot use it. */
const PACK_FORMAT = 1;

/** What a pack says of itself, in its first entry. */
export interface AboutPack {
  readonly format: number;
  /** The build of the engine whose results it has. */
  readonly engine: string;
  /** Ordinary users keep the marks of layers elsewhere than root does, and can make no devices. */
  readonly madeBy: "root" | "user";
  readonly arch: string;
}

/** What a pack made here says. */
export function aboutHere(engine: string): AboutPack {
  return { format: PACK_FORMAT, engine, madeBy: inUserNamespace ? "user" : "root", arch: arch() };
}

/** Why a store here cannot use a pack; undefined when it can. */
export function whyNotHere(given: AboutPack, here: AboutPack): string | undefined {
  if (given.format > here.format)
    return `its format is ${given.format}, and this version of Slipway knows ${here.format}: a newer one made it`;
  if (given.format < here.format)
    return `its format is ${given.format}, and this version of Slipway reads ${here.format}: an older one made it`;
  if (given.arch !== here.arch) return `it is for ${given.arch}, and this machine is ${here.arch}`;
  if (given.madeBy !== here.madeBy) return `it was packed by ${TELL[given.madeBy]}, and this is ${TELL[here.madeBy]}`;
  return undefined;
}

const TELL = { root: "root", user: "an ordinary user" } as const;

/** What stands before the rest of a cache's key: packs with another beginning are of no use here. */
export function keyStart({ format, engine, madeBy, arch: machine }: AboutPack): string {
  return `slipway-${format}-${machine}-${madeBy}-${engine.slice(0, 12)}`;
}
