import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { joinSockets } from "./socket-pair.ts";

/** What begins a connection to the engine that is to go on to an address outside, and one that is a question for its resolver. */
export const outsidePrefix = "outside ";
export const questionHeader = "question";

const longestQuestionBytes = 4096;

/**
 * Takes the connections and the questions for names which the session's network redirects here, and brings them to the engine.
 *
 * @param onReady called once both listen
 */
export function openWayOut(
  enginePath: string,
  ports: { readonly tcp: number; readonly udp: number },
  onReady: () => void,
): void {
  const connections = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (incoming) => {
    const meant = meantDestination(incoming, readFileSync("/proc/net/nf_conntrack", "utf8"));
    if (meant === undefined) return incoming.resetAndDestroy();
    const toEngine = connect({ path: enginePath, allowHalfOpen: true });
    toEngine.write(`${outsidePrefix}${meant}\n`);
    return joinSockets(incoming, toEngine);
  });
  const questions = createSocket("udp4");
  questions.on("message", (question, from) => {
    const toEngine = connect({ path: enginePath });
    const answer: Buffer[] = [];
    toEngine.on("data", (chunk: Buffer) => answer.push(chunk));
    toEngine.on("end", () => {
      if (answer.length > 0) questions.send(Buffer.concat(answer), from.port, from.address);
    });
    toEngine.on("error", () => undefined);
    if (question.length > longestQuestionBytes) return toEngine.destroy();
    return toEngine.end(Buffer.concat([Buffer.from(`${questionHeader}\n`), question]));
  });
  questions.bind(ports.udp, () => connections.listen(ports.tcp, "0.0.0.0", onReady));
}

/**
 * Where a redirected connection was to go, by the kernel's own list of connections: `address:port`. Each line there has both
 * directions; the first is what the container asked for.
 */
export function meantDestination(
  { remoteAddress, remotePort }: Pick<Socket, "remoteAddress" | "remotePort">,
  connections: string,
): string | undefined {
  for (const line of connections.split("\n")) {
    const asked = /\btcp\b.*?\bsrc=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/.exec(line);
    if (asked?.[1] === remoteAddress && asked?.[3] === String(remotePort)) return `${asked?.[2]}:${asked?.[4]}`;
  }
  return undefined;
}
