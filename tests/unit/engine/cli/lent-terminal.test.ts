import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Console } from "../../../../engine/src/cli/console.ts";
import { LentTerminal, NO_TERMINAL } from "../../../../engine/src/cli/lent-terminal.ts";

const lent = suite("the terminal of a command");

const TO_DO = "\n  to do: run the command in a terminal, without a pipe or a redirection";

/** What is done to the terminal, in order. */
function terminalOf({ isInput = true, isOutput = true, isSilent = false } = {}) {
  const done: string[] = [];
  const stdin = { isTTY: isInput, setRawMode: (raw: boolean) => void done.push(raw ? "raw" : "as before") };
  const stdout = { isTTY: isOutput, write: (text: string) => void done.push(text) };
  const renderer = {
    yieldTerminal: () => {
      done.push("progress stops");
      return () => void done.push("progress goes on");
    },
  };
  const console = { stdin, stdout, env: { NO_COLOR: "1" } } as unknown as Console;
  return {
    done,
    terminal: new LentTerminal(console, renderer, { silent: isSilent, interactive: false, interactiveCommand: ["sh"] }),
  };
}

lent("is there when input and output are one, unless the command is silent", () => {
  const problemOf = (what: Parameters<typeof terminalOf>[0]) => terminalOf(what).terminal.problem();
  assert.is(problemOf({ isInput: false }), `standard input is not a terminal${TO_DO}`);
  assert.is(problemOf({ isOutput: false }), `standard output is not a terminal${TO_DO}`);
  const neither = problemOf({ isInput: false, isOutput: false });
  assert.is(neither, `standard input and standard output are not a terminal${TO_DO}`);
  assert.is(NO_TERMINAL.problem(), neither);
  assert.is(problemOf({ isSilent: true }), "running shell in silent mode is not supported");
});

lent("belongs to one program after the other, and is given back when one fails", async () => {
  const { done, terminal } = terminalOf();
  let end: (line: string) => void = () => undefined;
  const first = terminal.lend({ words: "sh" }, () => new Promise((resolve) => (end = resolve)));
  const second = terminal.lend({ words: "bash", failure: "exit code: 1" }, async () => {
    throw new Error("it did not start");
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done.splice(0), ["progress stops", "● Attaching terminal: sh\n", "raw"]);
  end("exit 0");
  await first;
  assert.is(await second.catch((error: Error) => error.message), "it did not start");
  assert.equal(done.slice(0, 3), ["as before", "exit 0\n", "progress goes on"]);
  const told = "✘ Exec failed, attaching terminal: bash\n! exit code: 1\n";
  assert.equal(done.slice(3), ["progress stops", told, "raw", "as before", "progress goes on"]);
});

lent.run();
