import { probeOf } from "../go-program.ts";
import { ACT } from "./act.ts";

export const { whyNot, provide } = probeOf(ACT);
