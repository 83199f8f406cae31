import { stripVTControlCharacters } from "node:util";

/** Control characters but tabs and ends of lines. */
export const CONTROLS = /[^\P{Cc}\t\n]/gu;

/** The text without colours and without what else a terminal would act on: it must not be made to do anything by it. */
export function withoutEscapes(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, "");
}
