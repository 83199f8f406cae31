import { randomUUID } from "node:crypto";
import type { ContainerSpec, Exit, JoinedProcess, PersonTerminal } from "../run/container.ts";
import { flag, object, texts } from "./arguments.ts";
import { changes } from "./container.ts";
import { withMount } from "./container-mounts.ts";
import { ApiError, unsupported } from "./errors.ts";
import { PLAIN_COMMAND } from "./exec.ts";
import { collectOutput } from "./exec-output.ts";
import { exitText } from "./exit-text.ts";
import type { Args, Field, Fields, Graph, Obj } from "./graph.ts";
import { readyContainer } from "./ready-container.ts";
import type { ServiceValue } from "./service-value.ts";
import { type Session, sessionOf } from "./session.ts";
import type { ContainerValue, DirectoryValue, TerminalCommand } from "./values.ts";

/** What the real engine opens a directory in. */
const DIRECTORY_IMAGE = "alpine:3.22.1";
const DIRECTORY_PLACE = "/src";

/** What a shell shows in front of a line: who it is, and where it is, as the real engine has it. */
const PROMPT = '\u001b[33mdagger\u001b[0m \u001b[2m$(pwd | sed "s|^$HOME|~|")\u001b[0m $ ';

/** A program in a container, used by the person at the terminal of the command. What it changes is gone when it has ended. */
export const terminalFields: Fields = {
  Container: {
    withDefaultTerminalCmd: changes((container, args) => ({
      ...container,
      defaultTerminal: {
        args: texts(args["args"]),
        experimentalPrivilegedNesting: flag(args["experimentalPrivilegedNesting"]),
        insecureRootCapabilities: flag(args["insecureRootCapabilities"]),
      },
    })),
    terminal: opens(async (self, args, graph) => {
      const container = await self.value<ContainerValue>();
      await openContainer(sessionOf(graph), container, commandOf(args, container.defaultTerminal));
    }),
  },
  Directory: {
    terminal: opens(async (self, args, graph) => {
      const source = await self.value<DirectoryValue>();
      const command = commandOf(args);
      const given = args["container"] === undefined ? ownContainer(graph) : object(args["container"]);
      const container = { ...(await given.value<ContainerValue>()), workdir: DIRECTORY_PLACE };
      const place = { path: DIRECTORY_PLACE, target: DIRECTORY_PLACE };
      const mounted = withMount(container, { kind: "directory", ...place, source, readOnly: true });
      await openContainer(sessionOf(graph), mounted, command);
    }),
  },
  Service: {
    terminal: opens(async (self, args, graph) => {
      const service = await self.value<ServiceValue>();
      if (service.kind !== "container") throw new ApiError("terminal not supported on non-container services");
      const { args: words } = commandOf(args, service.container.defaultTerminal);
      await openService(sessionOf(graph), self, words);
    }),
  },
};

/** It is opened as soon as it is asked for, each time; what is given is the object that it was asked of. */
function opens(open: (self: Obj, args: Args, graph: Graph) => Promise<void>): Field {
  return {
    eager: true,
    run: async (self, args, graph) => {
      await open(self, args, graph);
      return self;
    },
  };
}

function commandOf(args: Args, byDefault?: TerminalCommand): TerminalCommand {
  const isAsked = (name: "experimentalPrivilegedNesting" | "insecureRootCapabilities") =>
    args[name] === undefined ? byDefault?.[name] === true : flag(args[name]);
  const words = [texts(args["cmd"]), byDefault?.args ?? [], ["sh"]].find(({ length }) => length > 0) ?? [];
  return {
    args: words,
    experimentalPrivilegedNesting: isAsked("experimentalPrivilegedNesting"),
    insecureRootCapabilities: isAsked("insecureRootCapabilities"),
  };
}

function ownContainer(graph: Graph): Obj {
  const empty = graph.object("Container", { parent: graph.root, field: "container", args: {} });
  return graph.object("Container", { parent: empty, field: "from", args: { address: DIRECTORY_IMAGE } });
}

async function openContainer(session: Session, container: ContainerValue, command: TerminalCommand): Promise<void> {
  const { args, insecureRootCapabilities } = command;
  if (command.experimentalPrivilegedNesting) throw unsupported("experimentalPrivilegedNesting");
  await openTerminal(session, args, async () => {
    // A service that ends does not take the terminal away in which the person may find out why.
    const as = { role: "client", name: `terminal ${args.join(" ")}` } as const;
    const ready = await readyContainer(session, container, { ...PLAIN_COMMAND, args, insecureRootCapabilities }, as);
    const { spec, makeWorkdir } = ready.prepared;
    const start = (terminal: PersonTerminal) => {
      makeWorkdir();
      return session.start(atTerminal(spec, terminal));
    };
    return { start, close: ready.close };
  });
}

/**
 * Lets the person look into the container of an exec that has failed, where that is wanted. The exec has failed all the same.
 *
 * @param spec of the exec; its files are as it has left them
 */
export async function openAfterFailure(session: Session, spec: ContainerSpec, failure: ApiError): Promise<void> {
  const { onFailure } = session.terminal;
  if (onFailure === undefined) return;
  const problem = session.terminal.problem();
  if (problem !== undefined) return session.report({ kind: "note", text: `failed to open terminal: ${problem}` });
  const { stdin: _of, ...kept } = spec;
  const start = (terminal: PersonTerminal) => session.start({ ...atTerminal(kept, terminal), args: onFailure });
  await openTerminal(session, onFailure, async () => ({ start, close: async () => undefined }), failure.message);
}

function atTerminal(spec: ContainerSpec, terminal: PersonTerminal): ContainerSpec {
  return { ...spec, env: { TERM: "xterm", ...spec.env, PS1: PROMPT }, terminal };
}

async function openService(session: Session, service: Obj, args: readonly string[]): Promise<void> {
  const exit = await openTerminal(session, args, async () => {
    const { run, release } = await session.services.use(session, service);
    const start = async (terminal: PersonTerminal) => {
      if (run.enter === undefined) throw new ApiError("terminal not supported on non-container services");
      return await run.enter({ args, env: { TERM: "xterm", PS1: PROMPT }, terminal });
    };
    return { start, close: async () => release() };
  });
  if (exit.code !== 0) throw new ApiError(exitText(exit));
}

/** Something in which a program can be started at a terminal. */
interface Openable {
  start(terminal: PersonTerminal): Promise<JoinedProcess>;
  close(): Promise<void>;
}

/**
 * Gives the person's terminal to a program until that ends.
 *
 * @param prepare makes ready what it needs; what is done for that is still shown
 * @throws ApiError when the command has no terminal
 */
async function openTerminal(
  session: Session,
  args: readonly string[],
  prepare: () => Promise<Openable>,
  failure?: string,
): Promise<Exit> {
  const problem = session.terminal.problem();
  if (problem !== undefined) throw new ApiError(`failed to open terminal: ${problem}`);
  const id = randomUUID();
  const words = session.hidden.hide(args.join(" "));
  let exit: Exit = { code: 1 };
  let outcome: "done" | "failed" = "failed";
  session.report({ kind: "start", id, name: `terminal ${words}` });
  try {
    const { start, close } = await prepare();
    try {
      await session.terminal.lend(failure === undefined ? { words } : { words, failure }, async (terminal) => {
        const started = await start(terminal);
        const [ended, { stderr }] = await Promise.all([started.exit, collectOutput(started, [], () => undefined)]);
        exit = ended;
        return `${stderr.end()}exit ${ended.code}`;
      });
      outcome = "done";
    } finally {
      await close();
    }
  } finally {
    session.report({ kind: "end", id, outcome });
  }
  return exit;
}
