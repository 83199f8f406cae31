/** Prints the table of rooms and arrows into docs/architecture.md: `npm run arrows`. */
import { readFileSync, writeFileSync } from "node:fs";
import { printInto } from "./print.ts";

const page = new URL("../../docs/architecture.md", import.meta.url);
writeFileSync(page, printInto(readFileSync(page, "utf8")));
