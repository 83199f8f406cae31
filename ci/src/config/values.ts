import { z } from "zod";
import { PART } from "../input/registry-name.ts";
import { isInside } from "./patterns.ts";

/** Text that says something. */
export const textSchema = z.string("expected text").min(1, "expected some text");

const INSIDE =
  "expected a path from the top of the repository, such as services/api: without .., and without / at the beginning or the end";

/** A file or folder of the repository; "." is the top. Whether it is there is looked at with the outline at hand. */
export const placeSchema = z.string(INSIDE).refine(isInside, INSIDE);

/** Which files: paths from the top of the repository, in which * stands for a part of a name and ** for folders. */
export const patternSchema = z
  .string("expected a pattern of paths, such as src/**")
  .refine(
    (text) => !text.startsWith("!") && isInside(text.replace(/\/$/, "")),
    "expected a pattern of paths from the top of the repository, such as src/**: without .., and without / or ! at the beginning",
  );

const IMAGE = new RegExp(
  `^(?:(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9a-fA-F:.]+\\])(?::\\d{1,5})?/)?${PART}(?:/${PART})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);

/** An image that was made elsewhere, as container tools name it. */
export const imageSchema = z
  .string("expected the name of an image")
  .regex(IMAGE, "expected the name of an image, such as docker.io/acme/api:1.2");

/** A text for the shell, a program with its arguments, or several of these that run one after the other. */
export const commandsSchema = oneOf(
  "expected a command: text for a shell, a list of a program and its arguments, or a list of such lists",
  textSchema,
  z.array(textSchema).min(1, "expected a program and its arguments"),
  z
    .array(z.array(textSchema).min(1, "expected a program and its arguments"))
    .min(1, "expected a program and its arguments"),
);

/** A program and its arguments. */
export const commandSchema = z
  .array(textSchema, "expected a list of a program and its arguments")
  .min(1, "expected a program and its arguments");

const TIME = "expected a time, such as 90s, 10m or 1h; a day at most";
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** A time as people write it: `90s`, `10m`, `1h`, or a whole number of seconds. */
export const timeSchema = oneOf(
  TIME,
  z.number(TIME).refine(isTime, TIME),
  z.string(TIME).refine((text) => /^[1-9]\d{0,5}[smh]$/.test(text) && isTime(readSeconds(text)), TIME),
);

/** The seconds of what `timeSchema` has taken. */
export function readSeconds(time: string | number): number {
  if (typeof time === "number") return time;
  return Number(time.slice(0, -1)) * (SECONDS[time.slice(-1)] ?? 1);
}

/**
 * A value that can be written in several ways which differ in kind: text, a list, a mapping. What is wrong inside of it
 * is told for the way that was taken.
 *
 * @param expected begins with `expected`
 */
export function oneOf<Schemas extends readonly [z.ZodType, z.ZodType, ...z.ZodType[]]>(
  expected: string,
  ...schemas: Schemas
) {
  return z.union(schemas, expected);
}

function isTime(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400;
}
