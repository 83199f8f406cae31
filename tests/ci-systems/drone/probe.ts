import { dirname } from "node:path";
import { READER } from "../../providers/drone-reader.ts";
import { probeOf } from "../go-program.ts";
import { RUNNER } from "./runner.ts";

// Which pipelines an event starts decides the server, and so Drone's parser here.
export const { whyNot, provide } = probeOf(RUNNER, { folder: dirname(READER), source: ".", name: "drone" });
