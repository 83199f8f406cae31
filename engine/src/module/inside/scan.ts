/** Prints the types of a module. Started as `scan.cjs MODULE_NAME FILE...`, where the snapshot of it cannot be used. */
import { printTypes } from "./read-types.ts";

void printTypes();
