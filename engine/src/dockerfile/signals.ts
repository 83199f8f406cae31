import { constants } from "node:os";
import { DockerfileProblem } from "./problem.ts";

/** Real-time signals that programs may use: `RTMIN` to `RTMIN+15`, `RTMAX-14` to `RTMAX`. */
const REAL_TIME = /^RT(?:MIN(?:\+(?:[1-9]|1[0-5]))?|MAX(?:-(?:[1-9]|1[0-4]))?)$/;

/** @throws DockerfileProblem for what is neither the number nor the name of a signal */
export function checkSignal(text: string): void {
  const isNumber = /^[+-]?\d+$/.test(text) && Number(text) !== 0;
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (isNumber || Object.hasOwn(constants.signals, `SIG${name}`) || name === "CLD" || REAL_TIME.test(name)) return;
  throw new DockerfileProblem(`invalid signal: ${text}`);
}
