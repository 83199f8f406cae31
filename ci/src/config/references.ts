import type { BackingSettings, ServiceSettings } from "./settings.ts";

/** A reference in a value: {kafka}, {postgres.url}. Between double braces it is text. */
const REFERENCE = /\{\{([a-z][a-z0-9-]*(?:\.[a-z]+)?)\}\}|\{([a-z][a-z0-9-]*)(?:\.([a-z]+))?\}/g;

/** What a value refers to. */
export interface Reference {
  readonly name: string;
  /** `address` when only the name stands there. */
  readonly field: string;
}

/** All that a value refers to, in the order in which it stands there. */
export function listReferences(text: string): Reference[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, , name, field = "address"]) =>
    name === undefined ? [] : [{ name, field }],
  );
}

/** A text that is to be taken as it is, as it has to be written where references count. */
export function escapeReferences(text: string): string {
  return text.replaceAll(REFERENCE, (whole) => `{${whole}}`);
}

/** What can be known of a service or a backing service: by the name of the field. */
export type Fields = Readonly<Record<string, string>>;

/**
 * A value with everything in it filled in.
 *
 * @param find the fields of a name. All names and fields of a checked configuration are there.
 */
export function fillReferences(text: string, find: (name: string) => Fields): string {
  return text.replaceAll(REFERENCE, (whole, literal?: string, name?: string, field = "address") => {
    if (literal !== undefined) return `{${literal}}`;
    const value = name === undefined ? undefined : find(name)[field];
    if (value === undefined) throw new Error(`nobody knows ${whole}`);
    return value;
  });
}

/** The fields of a service: none when it has no port. */
export function fieldsOfService(name: string, { port }: Pick<ServiceSettings, "port">): Fields {
  return port === undefined ? {} : { ...reach(name, port), url: `http://${name}:${port}` };
}

/** The fields of a backing service: where and as whom it is reached. */
export function fieldsOfBacking(name: string, backing: Omit<BackingSettings, "tell">): Fields {
  const { kind, port, user = "", password = "", database = "" } = backing;
  const reached = reach(name, port);
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  switch (kind) {
    case "kafka":
    case "other":
      return reached;
    case "redis":
      return { ...reached, url: `redis://${name}:${port}` };
    case "rabbitmq":
      return { ...reached, user, password, url: `amqp://${login}@${name}:${port}` };
    case "postgres": {
      const url = `postgresql://${login}@${name}:${port}/${encodeURIComponent(database)}`;
      return { ...reached, user, password, database, url };
    }
  }
}

/** The names of the fields that something of this kind has. */
export function fieldNames(kind: BackingSettings["kind"] | "service"): string[] {
  if (kind === "service") return Object.keys(fieldsOfService("x", { port: 1 }));
  return Object.keys(fieldsOfBacking("x", { kind, image: "x", port: 1, env: {} }));
}

function reach(host: string, port: number): Fields {
  return { address: `${host}:${port}`, host, port: String(port) };
}
