import { readFileSync } from "node:fs";
import type { Bounds } from "./bounds.ts";
import { findPlaceV1, openGroupsV1 } from "./control-groups-v1.ts";
import { findPlaceV2, openGroupsV2 } from "./control-groups-v2.ts";
import { type ControlGroups, ownGroups } from "./group-folder.ts";
import { controlGroupsFolder } from "./run-host.ts";

/**
 * Makes the groups of an engine, in the layout that this machine has its controllers in, as far as this user may.
 *
 * @param root where the controllers are mounted
 * @param name of the engine's group, unlike that of any other process
 * @returns the reason where memory and processes cannot be bound
 */
export function openControlGroups(root: string, name: string, bounds: Bounds): ControlGroups | string {
  const own = ownGroups(readFileSync("/proc/self/cgroup", "utf8"));
  return openGroupsV1(root, name, own, bounds) ?? openGroupsV2(root, name, own, bounds);
}

/** Why memory of containers cannot be bound here by this user; undefined when it can. Makes nothing. */
export function findGroupsProblem(root = controlGroupsFolder()): string | undefined {
  const own = ownGroups(readFileSync("/proc/self/cgroup", "utf8"));
  if (findPlaceV1(root, own) !== undefined) return undefined;
  const place = findPlaceV2(root, own);
  return "problem" in place ? place.problem : undefined;
}
