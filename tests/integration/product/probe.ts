import { spawn } from "node:child_process";
import { once } from "node:events";

/** Where the broker of `./slipway call kafka up` answers (ci/src/product/kafka.ts). */
const LAPTOP_BROKERS = "localhost:9094";

/** The broker's image may have to be made first. */
const READY_WITHIN_MS = 300_000;

/** These tests need a broker that they may write to. They make topics and groups of their own and leave others alone. */
export function whyNot(): string | undefined {
  return undefined;
}

/** The broker that `KAFKA_BROKERS` names, or one that the pipeline starts, as a person would. */
export async function provide(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const given = process.env["KAFKA_BROKERS"] ?? "";
  if (given !== "") return { env: { KAFKA_BROKERS: given }, close: async () => {} };
  const broker = spawn("./slipway", ["call", "--progress=plain", "kafka", "up"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no broker within ${READY_WITHIN_MS / 1000} s:\n${said}`)),
      READY_WITHIN_MS,
    );
    broker.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (!said.includes("tunnel started: 127.0.0.1:9094")) return;
      clearTimeout(timer);
      resolve();
    });
    broker.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`./slipway call kafka up ended with ${code}:\n${said}`));
    });
  });
  await ready;
  return {
    env: { KAFKA_BROKERS: LAPTOP_BROKERS },
    close: async () => {
      broker.kill("SIGINT");
      if (broker.exitCode === null) await once(broker, "exit");
    },
  };
}
