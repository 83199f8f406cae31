import { ApiError } from "../api/errors.ts";
import { type Field, type Fields, type Graph, Obj } from "../api/graph.ts";
import { text } from "../api/session.ts";

/** Fields whose objects are something of the host of whoever asks: type → fields. */
const HOST_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Query: ["secret"],
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

  /** Hands out what the object is made of. Only objects of the command count: a function cannot hand out more than it got. */
  async add(value: unknown): Promise<void> {
    if (Array.isArray(value)) await Promise.all(value.map((item) => this.add(item)));
    if (!(value instanceof Obj) || value.graph !== this.machine) return;
    for (const object of hostObjects(value)) this.#objects.set(await object.key(), object);
  }

  /** @throws ApiError when the object leads to something of the machine that was not handed out */
  async check(object: Obj): Promise<void> {
    for (const part of hostObjects(object)) {
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
    return Object.fromEntries(types);
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
        const isOfContainer = type === "Query" && !text(args["uri"]).startsWith("cmd:");
        if (!isOfContainer) throw notHandedOut(asked);
        return await own.run(self, args, graph, pin);
      },
    };
  }
}

function objectType(field: string): string {
  return { secret: "Secret", unixSocket: "Socket" }[field] ?? "Service";
}

function hostObjects(object: Obj, found = new Set<Obj>(), seen = new Set<Obj>()): ReadonlySet<Obj> {
  const { call } = object;
  if (call === undefined || seen.has(object)) return found;
  seen.add(object);
  if (HOST_FIELDS[call.parent.type]?.includes(call.field) === true) found.add(object);
  for (const input of [call.parent, ...Object.values(call.args).flat()]) {
    if (input instanceof Obj) hostObjects(input, found, seen);
  }
  return found;
}

function notHandedOut({ call, type }: Obj): ApiError {
  const where = call?.field === "secret" ? ` ${text(call.args["uri"]).split("?")[0] ?? ""}` : "";
  return new ApiError(
    `a function used the ${type.toLowerCase()}${where} of the host, which nobody gave to it: pass it as an argument of the function`,
  );
}
