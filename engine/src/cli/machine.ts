import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type Bounds, boundsOf } from "../run/bounds.ts";
import { findGroupsProblem } from "../run/control-groups.ts";
import { findTunProblem } from "../run/hub.ts";
import { isOffline } from "../store/offline.ts";
import { inUserNamespace } from "../store/overlay.ts";
import { tellSize } from "../store/size-text.ts";
import { storeDir } from "../store/system-words.ts";

/** What counts of a machine. */
export interface Machine {
  readonly node: string;
  readonly isRoot: boolean;
  /** Whether nothing may be asked of a network. */
  readonly offline: boolean;
  /** Why packets of containers cannot be carried; undefined when they can. */
  readonly tunProblem: string | undefined;
  /** Why memory of containers cannot be bound; undefined when it can. */
  readonly groupsProblem: string | undefined;
  readonly bounds: Bounds;
  readonly store: string;
  /** Bytes that are free where the store is. */
  readonly free: number;
}

const GIB = 2 ** 30;

/** One image of a language and what is installed in it have about this size. */
const ENOUGH = 2 * GIB;

/** The machine that this is. */
export function lookAtMachine(env: NodeJS.ProcessEnv): Machine {
  const store = storeDir(env);
  const { bavail, bsize } = statfsSync(nearestThere(store));
  const node = process.versions.node;
  return {
    node,
    isRoot: !inUserNamespace,
    offline: isOffline(env),
    tunProblem: findTunProblem(),
    groupsProblem: findGroupsProblem(),
    bounds: boundsOf(env),
    store,
    free: bavail * bsize,
  };
}

/** What `doctor` says of a machine, and whether something is missing on it. */
export function tellMachine(machine: Machine): {
  report: string;
  isMissing: boolean;
} {
  const { node, isRoot, store, free } = machine;
  const size = free < GIB ? `${Math.floor(free / 2 ** 20)} MiB` : `${Math.floor(free / GIB)} GiB`;
  const isMissing = free < ENOUGH;
  const lines = [
    "This machine",
    `  Node     ${node}`,
    `  user     ${isRoot ? "root" : "ordinary, in a user namespace"}`,
    `  network  ${tellNetwork(machine)}`,
    `  bounds   ${tellBounds(machine)}`,
    `  store    ${store}, ${size} free`,
    ...(isMissing
      ? [
          "Missing: space for the store",
          "  to do: free some space there, or set SLIPWAY_STORE to a folder on another disk",
        ]
      : []),
  ];
  return { report: `${lines.join("\n")}\n\n`, isMissing };
}

function tellNetwork({ offline, tunProblem }: Machine): string {
  if (offline) return "not used (--offline, SLIPWAY_OFFLINE)";
  return tunProblem === undefined
    ? "containers reach the outside"
    : `containers reach the outside by TCP only: ${tunProblem}`;
}

/** What containers may use at most, or why that is not so. */
function tellBounds({ isRoot, groupsProblem, bounds }: Machine): string {
  const { memoryBytes, processes } = bounds;
  if (groupsProblem === undefined)
    return `containers may use ${tellSize(memoryBytes)} of memory together, each ${processes} processes`;
  const more = isRoot ? "nor are processes" : `all of the user's processes are ${processes} at most`;
  return `container memory is not limited, ${more}: ${groupsProblem}`;
}

/** The nearest folder that is there already. */
function nearestThere(path: string): string {
  return existsSync(path) || path === "/" ? path : nearestThere(dirname(path));
}
