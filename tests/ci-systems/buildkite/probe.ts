import { probeOf } from "../go-program.ts";
import { AGENT } from "./agent.ts";

export const { whyNot, provide } = probeOf(AGENT);
