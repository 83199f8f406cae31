import { randomUUID } from "node:crypto";
import { ApiError, ExecFailure } from "../api/errors.ts";
import { exitText } from "../api/exit-text.ts";
import type { Graph } from "../api/graph.ts";
import { type Session, type SessionEvent, type StepInput, sessionOf } from "../api/session.ts";
import { answersAreSame } from "../api/workspace.ts";
import type { WorkspaceRead } from "../api/workspace-reads.ts";
import { digestOf } from "../store/store.ts";
import type { CallOutcome, FunctionCall } from "./call.ts";
import { inputsOfCall, inputsOfReads } from "./call-inputs.ts";
import type { FunctionDef } from "./definition.ts";
import type { FunctionProcess } from "./function-process.ts";
import type { DefaultsBehind } from "./given-defaults.ts";
import type { ModuleHost } from "./host.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { isWhole, readMeaning, textsIn } from "./object-state.ts";
import { ProcessPool } from "./process-pool.ts";

/** A result, and what it was made from besides the arguments: with the same answers it would be the same. */
interface Result {
  /** JSON text. */
  readonly returned: string;
  readonly reads: readonly WorkspaceRead[];
}

/** A result that was stored, for as long as it may be used. */
interface StoredResult extends Result {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface CallRequest {
  readonly module: LoadedModule;
  readonly def: FunctionDef;
  readonly call: FunctionCall;
  /** What ids in the call are decoded with. */
  readonly graph: Graph;
  /** What modules that it may call get from `.env` files. */
  readonly defaults: DefaultsBehind;
}

/** A call whose result may be used again. */
interface KnownRequest extends CallRequest {
  /** Names the result, together with what the call reads of the workspace. */
  readonly key: string;
  readonly inputs: readonly StepInput[];
}

/** Runs the functions of all modules of a session, unless a result is known. */
export class FunctionCalls {
  readonly pool: ProcessPool;
  readonly #known = new Map<string, Promise<Result>>();
  readonly #session: Session;

  constructor(host: ModuleHost) {
    this.pool = new ProcessPool(host);
    this.#session = host.session;
  }

  /**
   * What the function returns, as JSON text.
   *
   * @throws ApiError with the extensions of what failed in the function
   */
  async run(request: CallRequest): Promise<string> {
    const { returned, reads } = await this.#result(request);
    // Whoever called it has asked the same by it.
    for (const read of reads) sessionOf(request.graph).reads?.add(read);
    return returned;
  }

  async #result(request: CallRequest): Promise<Result> {
    const { module, def, call, graph, defaults } = request;
    const lifetime = module.lifetimeOf(def);
    if (lifetime.kind === "never") return await this.#start(request);
    const [parent, ...args] = await Promise.all(
      [call.parent, ...call.inputArgs.map((argument) => argument.value)].map((text) =>
        readMeaning(JSON.parse(text), graph),
      ),
    );
    const named = call.inputArgs.map((argument, place) => [argument.name, args[place]?.content]);
    // What was returned may hold ids: those of another sealing key would be refused.
    const sealed = graph.seal("results");
    const called = [module.digest, call.parentName, call.name, parent?.content, named];
    const key = digestOf(["result", ...called, sealed, ...defaults.lines]);
    // A result that was made with something of this session means nothing to another.
    const isOfSession =
      lifetime.kind === "session" ||
      defaults.isOfSession ||
      [parent, ...args].some((meaning) => meaning?.isOfSession === true);
    const known = this.#known.get(key);
    if (known !== undefined) {
      const result = await known;
      if (await answersAreSame(sessionOf(graph), result.reads)) return result;
    }
    const contents = [parent, ...args].map((meaning) => meaning?.content);
    const running = isOfSession
      ? this.#start(request)
      : inputsOfCall(module, call, contents, graph).then((inputs) =>
          this.#recallOrStart({ ...request, key, inputs }, lifetime.kind === "stored" ? lifetime.seconds : 0),
        );
    this.#known.set(key, running);
    running.catch(() => this.#known.delete(key));
    return await running;
  }

  async #recallOrStart(request: KnownRequest, seconds: number): Promise<Result> {
    const { key } = request;
    for (const stored of this.#session.store.recallAll<StoredResult>(key)) {
      if (stored.expiresAt <= Date.now() || !(await this.#isStillRight(stored, request.graph))) continue;
      const id = randomUUID();
      const { report } = sessionOf(request.graph);
      report(startOf(request, id));
      report({ kind: "end", id, outcome: "cached", inputs: inputsOfReads(stored.reads, this.#session.store) });
      return stored;
    }
    const startedAt = Date.now();
    const result = await this.#start(request);
    const value: unknown = JSON.parse(result.returned);
    const { isOfSession } = await readMeaning(value, request.graph);
    // A value of a secret is right for whoever asked, and is for no disk.
    const saysSecret = [...textsIn(value, request.graph)].some((text) => this.#session.hidden.holds(text));
    if (!isOfSession && !saysSecret)
      this.#session.store.remember(key, { ...result, expiresAt: startedAt + seconds * 1000 } satisfies StoredResult);
    return result;
  }

  async #isStillRight({ returned, reads }: Result, graph: Graph): Promise<boolean> {
    const isSame = await answersAreSame(sessionOf(graph), reads);
    return isSame && (await isWhole(JSON.parse(returned), graph, this.#session.store));
  }

  async #start(request: CallRequest | KnownRequest): Promise<Result> {
    const id = randomUUID();
    const { report } = sessionOf(request.graph);
    report(startOf(request, id));
    let ended: "done" | "failed" = "failed";
    let process: FunctionProcess | undefined;
    try {
      process = await this.pool.take(request.module);
      // Nobody makes an object without calling something on it next.
      if (request.call.name === "") this.pool.prepare(request.module);
      const outcome = await process.run(request.call, id, (stream, text) => report({ kind: "log", id, stream, text }));
      const returned = returnedOf(outcome, request.call);
      ended = "done";
      return { returned, reads: process.reads };
    } finally {
      report({ kind: "end", id, outcome: ended, inputs: inputsOfReads(process?.reads ?? [], this.#session.store) });
    }
  }
}

/** What is shown of a call that begins. */
function startOf(request: CallRequest | KnownRequest, id: string): SessionEvent {
  const known = "key" in request ? { key: request.key, inputs: request.inputs } : {};
  return { kind: "start", id, name: nameOf(request), ...known };
}

function nameOf({ call }: CallRequest): string {
  return call.name === "" ? call.parentName : `${call.parentName}.${call.name}`;
}

/** @throws ApiError for everything but a returned value */
function returnedOf(outcome: CallOutcome, call: FunctionCall): string {
  if ("returned" in outcome) return outcome.returned;
  if ("error" in outcome) {
    const { message, values } = outcome.error;
    const extensions = Object.fromEntries(values.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
    throw new ApiError(message, values.length === 0 ? undefined : extensions);
  }
  const what =
    call.name === "" ? `constructor of ${JSON.stringify(call.parentName)}` : `function ${JSON.stringify(call.name)}`;
  if (outcome.exit.code === 0) throw new ApiError(`${what} completed without returning a value`);
  const { exit, stdout, stderr } = outcome;
  throw new ExecFailure(`call ${what}: ${exitText(exit)}`, {
    cmd: ["node"],
    exitCode: exit.code,
    stdout: stdout.trim(),
    stderr: stderr.trim(),
  });
}
