import { type Outline, pathIn } from "../../repository/outline.ts";
import { findBaseVersion } from "../base-images.ts";
import { agree, isAllowed } from "../decide.ts";
import { type Found, Undecided } from "../language.ts";
import type { Manifest } from "./manifest.ts";

/** Long-term releases of Node, the one taken first in front: 24 while 26 is young. */
const LINES = ["24", "26", "22", "20", "18", "16"];

/** A range of versions, as a project may name it. */
const EXAMPLE = ">=22";

/** Names that .nvmrc may give to them. */
const names: Readonly<Record<string, string>> = {
  "lts/*": "26",
  "lts/lithium": "26",
  "lts/krypton": "24",
  "lts/jod": "22",
  "lts/iron": "20",
  "lts/hydrogen": "18",
  "lts/gallium": "16",
  node: "26",
  stable: "26",
};

/**
 * The major version of Node: .nvmrc, .node-version, .tool-versions or Volta's, in the project's folder or the
 * workspace's; else what the Dockerfile starts from; else the newest long-term release that `engines.node` allows; else the
 * newest one.
 */
export function findVersion(
  outline: Outline,
  folders: readonly string[],
  manifests: readonly Manifest[],
  answer?: string,
): Found<string> {
  if (answer !== undefined) return { value: readMajor(answer, "slipway.yaml"), from: "slipway.yaml" };
  const told = folders.flatMap((folder) => listFiles(outline, folder));
  const volta = manifests.flatMap(({ path, volta: { node } }) => (node === undefined ? [] : [voltaOf(path, node)]));
  const exact = agree("Node", [...told, ...volta]);
  const ranges = manifests.flatMap(({ path, engines: { node } }) =>
    node === undefined ? [] : [{ value: node, from: `${path} engines.node` }],
  );
  if (exact !== undefined) return inside(exact, ranges);
  const base = findBaseVersion(outline, folders, readBase);
  const fits = base !== undefined && ranges.every((range) => isAllowed(range, base.value, EXAMPLE));
  return fits ? base : newestIn(ranges);
}

/** `node:22-alpine`, `node:22.1.0`, `node:iron-slim`, `node:lts-jod`; `distroless/nodejs22-debian12`. */
function readBase(image: string): string | undefined {
  const [, number, name = "", distroless] =
    /(?:^|\/)node:(?:v?(\d+)(?![\d])|(?:lts-)?([a-z]+))|\/nodejs(\d+)(?:-|:|$)/.exec(image) ?? [];
  return number ?? distroless ?? names[`lts/${name}`];
}

function voltaOf(path: string, version: string): Found<string> {
  const from = `${path} volta.node`;
  return { value: readMajor(version, from), from };
}

function listFiles(outline: Outline, folder: string): Found<string>[] {
  return [".nvmrc", ".node-version", ".tool-versions"].flatMap((file) => {
    const from = pathIn(folder, file);
    const lines = (outline.text(from) ?? "").split("\n").map((line) => line.replace(/#.*/, "").trim());
    const said = file === ".tool-versions" ? lines.map((line) => /^nodejs\s+(\S+)/.exec(line)?.[1] ?? "") : lines;
    const first = said.find((line) => line !== "");
    return first === undefined ? [] : [{ value: readMajor(first, from), from }];
  });
}

function readMajor(text: string, from: string): string {
  const major = names[text.toLowerCase()] ?? /^v?(\d+)(?:\.[\dx*]+){0,2}$/.exec(text)?.[1];
  if (major !== undefined) return major;
  const what = `Node ${JSON.stringify(text)} is not a version that Slipway knows`;
  throw new Undecided([{ what, where: from, todo: "write a number, such as 24 or 24.13.1" }]);
}

function newestIn(ranges: readonly Found<string>[]): Found<string> {
  const newest = LINES.find((line) => ranges.every((range) => isAllowed(range, line, EXAMPLE)));
  const from = ranges.map((range) => range.from).join(", ");
  if (newest !== undefined) return { value: newest, from: from === "" ? "the newest long-term release" : from };
  const what = `no long-term release of Node (${LINES.join(", ")}) is in ${tell(ranges)}`;
  throw new Undecided([{ what, where: from, todo: "widen engines.node, or write the version into .nvmrc" }]);
}

function inside(exact: Found<string>, ranges: readonly Found<string>[]): Found<string> {
  const wrong = ranges.filter((range) => !isAllowed(range, exact.value, EXAMPLE));
  if (wrong.length === 0) return exact;
  const what = `${exact.from} says Node ${exact.value}, which is not in ${tell(wrong)}`;
  const where = [exact, ...wrong].map(({ from }) => from).join(", ");
  throw new Undecided([{ what, where, todo: "make them agree" }]);
}

function tell(ranges: readonly Found<string>[]): string {
  return ranges.map(({ value, from }) => `${from} (${value})`).join(" and ");
}
