export type Level = "debug" | "info" | "warn" | "error";

/** `error` means that a person has to act. */
export type Log = Record<Level, (message: string, fields?: object) => void>;

const order: readonly Level[] = ["debug", "info", "warn", "error"];

/** One JSON object a line on standard output, as log collectors take them. */
export function createLog(
  service: string,
  lowest: Level,
  write = (line: string) => void process.stdout.write(line),
): Log {
  const at =
    (level: Level) =>
    (message: string, fields: object = {}) => {
      if (order.indexOf(level) < order.indexOf(lowest)) return;
      write(`${JSON.stringify({ time: new Date().toISOString(), level, service, message, ...fields }, plainErrors)}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

// Errors have no enumerable fields, so JSON would show {}.
function plainErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}
