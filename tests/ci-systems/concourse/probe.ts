import { probeOf } from "../go-program.ts";
import { VALIDATOR } from "./validator.ts";

export const { whyNot, provide } = probeOf(VALIDATOR);
