import { SlipwayError } from "../account.ts";
import { type Fields, fields } from "../input/fields.ts";
import { tellChoices } from "../input/nearest-name.ts";
import { showName } from "../input/shown.ts";
import { alignColumns } from "../table.ts";
import { memberOf } from "./members.ts";
import type { Settings } from "./settings.ts";
import { asFile } from "./write-config.ts";

/** Sections whose members have names of their own. */
const NAMED = ["services", "backing", "checks", "rings"];

/**
 * How each value of something was decided: what it is, where it is from, and what it was preferred to.
 *
 * @param name of a service, a backing service, a check or a ring, or a path: `services.api.build`, `images`
 * @throws SlipwayError `bad-arguments` with what there is when there is nothing of this name
 */
export function explain(settings: Settings, name: string): string {
  const all = asFile(settings);
  const places = findPlaces(all, name);
  if (places.length === 0) throw refuse(all, name);
  return `${places.map((path) => explainAt(settings, all, path)).join("\n\n")}\n`;
}

function findPlaces(all: Fields, name: string): string[][] {
  const named = NAMED.filter((section) => Object.hasOwn(fields(all[section]), name)).map((section) => [section, name]);
  if (named.length > 0) return named;
  const path = name.split(".");
  return memberOf(all, ...path) === undefined ? [] : [path];
}

function explainAt({ decisions }: Settings, all: Fields, path: readonly string[]): string {
  const rows = listLeaves(memberOf(all, ...path), path).map(([leaf, value]) => {
    const { from, instead } = decisions.of(leaf);
    const others = instead.map((other) => `${show(other.value)} (${other.from})`);
    const over = others.length === 0 ? "" : `, not ${others.join(", not ")}`;
    return [leaf.slice(path.length).map(showName).join(".") || "value", show(value), `${from}${over}`];
  });
  return [path.map(showName).join("."), ...alignColumns(rows).map((line) => `  ${line}`)].join("\n");
}

function listLeaves(value: unknown, path: readonly string[]): [readonly string[], unknown][] {
  const members = Object.entries(fields(value)).filter(([, member]) => member !== undefined);
  if (members.length === 0) return [[path, value]];
  return members.flatMap(([key, member]) => listLeaves(member, [...path, key]));
}

/** What could stand at the first part of a path that is not there. */
function listBeside(all: Fields, [first = "", ...rest]: readonly string[], above = ""): string[] {
  const inner = fields(all[first]);
  if (rest.length > 0 && Object.keys(inner).length > 0) return listBeside(inner, rest, `${above}${first}.`);
  return Object.keys(all)
    .filter((key) => all[key] !== undefined)
    .map((key) => `${above}${key}`);
}

/** A value on one line; what is long is cut. */
function show(value: unknown): string {
  const text =
    typeof value === "string"
      ? showName(value)
      : Array.isArray(value)
        ? `[${value.map(show).join(", ")}]`
        : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function refuse(all: Fields, name: string): SlipwayError {
  const choices = name.includes(".")
    ? listBeside(all, name.split("."))
    : [...NAMED.flatMap((section) => Object.keys(fields(all[section]))), ...Object.keys(all)];
  return new SlipwayError("bad-arguments", {
    what: `nothing is called ${showName(name)}; ${tellChoices(name, [...new Set(choices)])}`,
    where: "--name",
    todo: "give a name, or a path such as services.api.port; `config` prints all of them",
  });
}
