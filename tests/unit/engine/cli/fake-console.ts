import { PassThrough } from "node:stream";
import { findCommand } from "../../../../engine/src/cli/commands.ts";
import type { Console } from "../../../../engine/src/cli/console.ts";
import { commonFlags, scanCommonFlags } from "../../../../engine/src/cli/global-flags.ts";
import { runWithEngine } from "../../../../engine/src/cli/run-with-engine.ts";
import { withoutEscapes } from "../../../../engine/src/trace/without-escapes.ts";
import type { FakeEngine } from "./fake-engine.ts";

/** A console that remembers; nothing is a terminal. The folders of tests have no modules, and Slipway's own is not meant. */
export function fakeConsole(
  more: Partial<Pick<Console, "env" | "cwd">> = {},
): Console & { out(): string; err(): string } {
  let [out, err] = ["", ""];
  const stream = (take: (text: string) => void) => ({
    write: (text: string, done?: () => void) => {
      take(text);
      done?.();
    },
  });
  return {
    stdout: stream((text) => {
      out += text;
    }),
    stderr: stream((text) => {
      err += text;
    }),
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    cwd: "/nowhere",
    ...more,
    env: { SLIPWAY_OWN_MODULE: "off", ...more.env },
    out: () => out,
    err: () => err,
  };
}

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command against a fake engine, as `slipway …` would. */
export async function runCommand(
  engine: FakeEngine,
  words: readonly string[],
  more: Partial<Pick<Console, "env" | "cwd">> = {},
): Promise<Ran> {
  const [name = "", ...rest] = words;
  const command = findCommand(name);
  if (command === undefined) throw new Error(`no command ${name}`);
  const console = fakeConsole(more);
  const flags = commonFlags();
  const dashes = rest.indexOf("--");
  const { help } = scanCommonFlags(flags, dashes < 0 ? rest : rest.slice(0, dashes));
  const exit = await runWithEngine(engine.open, { command, words: rest, flags, help, console });
  return { exit, stdout: withoutEscapes(console.out()), stderr: withoutEscapes(console.err()) };
}
