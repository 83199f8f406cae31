import { flag, text } from "../api/arguments.ts";
import { ApiError } from "../api/errors.ts";
import { leadsToMachine } from "../api/git-refs.ts";
import { type Args, type Call, type Field, type Fields, type Graph, Obj } from "../api/graph.ts";
import { sessionOf } from "../api/session.ts";
import { inUserNamespace } from "../store/overlay.ts";

/** Fields whose commands may get all capabilities of the engine: type → field → what it gives. */
const COMMAND_FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Container: {
    withExec: "Container",
    asService: "Service",
    terminal: "Container",
    withDefaultTerminalCmd: "Container",
  },
  Directory: { terminal: "Directory" },
};

/** Fields whose objects are something of the host of whoever asks: type → fields. */
const HOST_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Query: ["secret", "git"],
  Host: ["service", "unixSocket", "tunnel"],
};

/**
 * What of this machine a session has handed to functions.
 *
 * A secret, a service or a socket of the host travels as an id that only says where it is, and each side would look there
 * for itself. A function gets the object of the machine when it was given that one as an argument, and nothing else of the
 * machine; and what a function returns may not make the machine look anywhere that nobody named.
 */
export class HostGrants {
  readonly #objects = new Map<string, Obj>();

  /** @param machine the graph of the command itself */
  constructor(readonly machine: Graph) {}

  /** Whether the graph is one of the command: what it knows as its host is this machine. */
  isOfMachine(graph: Graph): boolean {
    return graph.session === this.machine.session;
  }

  /** Hands out what the object is made of. Only objects of the command count: a function cannot hand out more than it got. */
  async add(value: unknown): Promise<void> {
    if (Array.isArray(value)) await Promise.all(value.map((item) => this.add(item)));
    if (!(value instanceof Obj) || !this.isOfMachine(value.graph)) return;
    for (const object of hostObjects(value, this.machine)) this.#objects.set(await object.key(), object);
  }

  /** @throws ApiError when the object leads to something of the machine that was not handed out */
  async check(object: Obj): Promise<void> {
    for (const part of hostObjects(object, this.machine)) {
      if (!this.#objects.has(await part.key())) throw notHandedOut(part);
    }
  }

  /** The fields as a function sees them: what was handed out is that of the machine, secrets else are those of its container. */
  fields(base: Fields): Fields {
    const types = Object.entries(HOST_FIELDS).map(([type, names]) => {
      const fields = names.flatMap((name) => {
        const own = base[type]?.[name];
        return own === undefined ? [] : [[name, this.#field(type, name, own)] as const];
      });
      return [type, Object.fromEntries(fields)] as const;
    });
    const commands = Object.entries(COMMAND_FIELDS).map(([type, given]) => {
      const fields = Object.entries(given).flatMap(([name, gives]) => {
        const own = base[type]?.[name];
        return own === undefined ? [] : [[name, this.#commandField(name, gives, own)] as const];
      });
      return [type, Object.fromEntries(fields)] as const;
    });
    return Object.fromEntries([...types, ...commands]);
  }

  /** With all capabilities of root a command owns the machine: as on an engine that does not allow it, unless the person does. */
  #commandField(name: string, gives: string, own: Field): Field {
    return {
      ...own,
      run: async (self, args, graph, pin) => {
        if (ownsMachine(args, this.machine)) {
          const asked = graph.object(gives, { parent: self, field: name, args });
          const handedOut = this.#objects.get(await asked.key());
          if (handedOut === undefined) throw new ApiError(INSECURE_REFUSED);
          return await handedOut.value();
        }
        return await own.run(self, args, graph, pin);
      },
    };
  }

  #field(type: string, name: string, own: Field): Field {
    return {
      ...own,
      run: async (self, args, graph, pin) => {
        const asked = graph.object(
          objectType(name),
          { parent: self, field: name, args },
          pin === undefined ? {} : { pin },
        );
        const handedOut = this.#objects.get(await asked.key());
        if (handedOut !== undefined) return await handedOut.value();
        // The field itself refuses a repository that needs the agent of a person.
        const isOfContainer = type === "Query" && !text(args["uri"]).startsWith("cmd:");
        if (!isOfContainer) throw notHandedOut(asked);
        return await own.run(self, args, graph, pin);
      },
    };
  }
}

function objectType(field: string): string {
  return { secret: "Secret", unixSocket: "Socket", git: "GitRepository" }[field] ?? "Service";
}

const INSECURE_REFUSED = "security.insecure is not allowed";

/** Root of a user namespace owns only that; root of the machine is what the person may hand to functions by this variable. */
function ownsMachine(args: Args, machine: Graph): boolean {
  if (!flag(args["insecureRootCapabilities"]) || inUserNamespace) return false;
  return sessionOf(machine).host.env["SLIPWAY_ALLOW_INSECURE_ROOT"] !== "1";
}

function isCommand({ parent, field }: Call): boolean {
  return COMMAND_FIELDS[parent.type]?.[field] !== undefined;
}

function hostObjects(object: Obj, machine: Graph, found = new Set<Obj>(), seen = new Set<Obj>()): ReadonlySet<Obj> {
  const { call } = object;
  if (call === undefined || seen.has(object)) return found;
  seen.add(object);
  const isOfHost = HOST_FIELDS[call.parent.type]?.includes(call.field) === true;
  if (isOfHost && (call.field !== "git" || leadsToMachine(text(call.args["url"])))) found.add(object);
  if (isCommand(call) && ownsMachine(call.args, machine)) found.add(object);
  for (const input of [call.parent, ...Object.values(call.args).flat()]) {
    if (input instanceof Obj) hostObjects(input, machine, found, seen);
  }
  return found;
}

function notHandedOut({ call, type }: Obj): ApiError {
  if (call !== undefined && isCommand(call)) return new ApiError(INSECURE_REFUSED);
  const address = call?.field === "secret" ? text(call.args["uri"]).split("?")[0] : call?.args["url"];
  const where = address === undefined ? "" : ` ${text(address)}`;
  return new ApiError(
    `a function used the ${type.toLowerCase()}${where} of the host, which it was not given: pass it as an argument of the function`,
  );
}
