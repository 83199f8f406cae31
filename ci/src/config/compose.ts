import { dirname } from "node:path/posix";
import { isMap, parseDocument } from "yaml";
import { entries, type Fields, fields } from "../input/fields.ts";
import type { Found } from "../languages/language.ts";
import { hasFile, type Outline } from "../repository/outline.ts";
import { buildFields, type ComposedBuild, folderOf, readCommand } from "./compose-build.ts";
import { toName } from "./found-name.ts";
import { escapeReferences } from "./references.ts";
import type { BackingSettings } from "./settings.ts";

/** A backing service as a compose file describes it. */
export interface ComposedBacking {
  readonly kind: BackingSettings["kind"];
  /** Not of kafka: its image here would announce itself at addresses of somebody else. */
  readonly image?: string;
  readonly port?: number;
  readonly env: Readonly<Record<string, string>>;
  readonly start?: readonly string[];
  readonly sql?: readonly string[];
  /** What it depends on; it counts when the image is one of this repository's own. */
  readonly needs?: readonly string[];
}

/** A service that a compose file builds from a folder of the repository. */
export interface ComposedService {
  readonly name: string;
  /** The folder of its Dockerfile. */
  readonly path: string;
  readonly build: ComposedBuild;
  readonly needs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The port inside that is published first. */
  readonly port?: number;
}

/** What a compose file says about the services of a repository; nothing when there is none. */
export interface Composed {
  /** Its path; undefined when there is none. */
  readonly path: Found<string> | undefined;
  readonly backing: ReadonlyMap<string, ComposedBacking>;
  readonly services: readonly ComposedService[];
  /** What keeps the file from being read. */
  readonly problem?: string;
}

const NAMES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/** The compose file that is named, or the one at the top of the repository. */
export function readCompose(outline: Outline, named: string | false | undefined): Composed {
  const none = { path: undefined, backing: new Map<string, ComposedBacking>(), services: [] };
  if (named === false) return none;
  const path = named ?? NAMES.find((name) => hasFile(outline, name));
  if (path === undefined || !hasFile(outline, path)) return none;
  const found = { value: path, from: `${path} is there` };
  if (!outline.told.has(path)) return { ...none, path: found, problem: `expected a file called ${NAMES.join(" or ")}` };
  const document = parseDocument(outline.text(path) ?? "", { merge: true, prettyErrors: false, strict: false });
  const [error] = document.errors;
  if (error !== undefined || !isMap(document.contents))
    return { ...none, path: found, problem: `it cannot be read: ${error?.message ?? "expected a mapping"}` };
  // As plain data: anchors and merge keys are at home in compose files.
  return { ...readServices(fields(fields(document.toJS({ maxAliasCount: 1000 }))["services"]), path), path: found };
}

function readServices(all: Fields, file: string): Omit<Composed, "path"> {
  const folder = dirname(file);
  const backing = new Map<string, ComposedBacking>();
  const services: ComposedService[] = [];
  for (const [key, value] of Object.entries(all)) {
    const service = fields(value);
    const name = toName(key);
    if (name === "") continue;
    const env = readEnvironment(service["environment"]);
    if (service["build"] !== undefined) {
      const build = readBuild(service, folder);
      const port = readPort(service);
      if (build !== undefined)
        services.push({
          name,
          path: folderOf(build),
          build,
          needs: readAllNeeds(service),
          env,
          ...(port === undefined ? {} : { port }),
        });
    } else if (typeof service["image"] === "string") {
      backing.set(name, readBacking(service, interpolate(service["image"]), env, folder));
    }
  }
  // What others wait for to have ended makes something ready, and then is no more: nobody can be told where it is.
  for (const name of Object.values(all).flatMap((value) => listEnding(fields(value)["depends_on"])))
    backing.delete(name);
  return { backing, services };
}

/** What a service waits for to have ended. */
function listEnding(value: unknown): string[] {
  return Object.entries(Array.isArray(value) ? {} : fields(value))
    .filter(([, one]) => fields(one)["condition"] === "service_completed_successfully")
    .map(([name]) => toName(name));
}

function readBacking(
  service: Fields,
  image: string,
  env: Readonly<Record<string, string>>,
  folder: string,
): ComposedBacking {
  const isClient = KAFKA_CLIENT.test(JSON.stringify(service["command"] ?? ""));
  const kind = isClient ? "other" : kindOfImage(image);
  if (kind === "kafka") return { kind, env: {} };
  const port = readPort(service);
  const start = entries(service["command"]).filter((one) => typeof one === "string");
  const sql = kind === "postgres" ? readSql(service["volumes"], folder) : [];
  return {
    kind,
    image,
    env,
    ...(port === undefined ? {} : { port }),
    ...(start.length === 0 ? {} : { start }),
    ...(sql.length === 0 ? {} : { sql }),
    needs: readAllNeeds(service),
  };
}

/** The broker's image, started to make topics or to look at them: no broker. */
const KAFKA_CLIENT = /\bkafka-(?:topics|configs|acls|console-\w+)\b/;

/** By the last part of the image's name: what others call the same thing is known as well. */
function kindOfImage(image: string): BackingSettings["kind"] {
  const name = image.split("@")[0]?.split("/").at(-1)?.split(":")[0] ?? "";
  if (/^(?:postgres|postgresql|postgis|pgvector|timescaledb)$/.test(name)) return "postgres";
  if (/^(?:redis|redis-stack|redis-stack-server|valkey)$/.test(name)) return "redis";
  if (/^rabbitmq$/.test(name)) return "rabbitmq";
  return /^(?:kafka|cp-kafka|cp-server|cp-enterprise-kafka|kafka-native|docker-kafka-kraft|redpanda)$/.test(name)
    ? "kafka"
    : "other";
}

/** `8080`, `"5432:5432"`, `"127.0.0.1:5432:5432/tcp"`, `"7000-7005:7000-7005"`, `{ target: 5432 }`: the first port inside. */
function readPort(service: Fields): number | undefined {
  const [first] = [...entries(service["ports"]), ...entries(service["expose"])];
  const text = interpolate(String(fields(first)["target"] ?? first ?? ""));
  const port = Number(text.split("/")[0]?.split(":").at(-1)?.split("-")[0]);
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined;
}

function readSql(volumes: unknown, folder: string): string[] {
  return entries(volumes).flatMap((volume) => {
    const [short = "", where = ""] = typeof volume === "string" ? volume.split(":") : [];
    const source = typeof volume === "string" ? short : fields(volume)["source"];
    const target = typeof volume === "string" ? where : fields(volume)["target"];
    if (typeof source !== "string" || typeof target !== "string") return [];
    if (!source.startsWith(".") || !target.startsWith("/docker-entrypoint-initdb.d")) return [];
    const path = insideOf(folder, source);
    return path === undefined ? [] : [path];
  });
}

/** `depends_on`, and `links`, by which older files say the same: `db` or `db:alias`. */
function readAllNeeds(service: Fields): string[] {
  const links = entries(service["links"]).map((link) => String(link).split(":")[0]);
  return [...new Set([...readNeeds(service["depends_on"]), ...readNeeds(links)])];
}

function readNeeds(value: unknown): string[] {
  const names = Array.isArray(value) ? value : Object.keys(fields(value));
  return names.flatMap((name) => (typeof name === "string" && toName(name) !== "" ? [toName(name)] : []));
}

/** Undefined when the context is elsewhere: out of the repository, or at an address. */
function readBuild(service: Fields, folder: string): ComposedBuild | undefined {
  const { context: where = ".", dockerfile: file, target, args } = buildFields(service["build"]);
  const context = typeof where === "string" ? insideOf(folder, where) : undefined;
  if (context === undefined) return undefined;
  const dockerfile = typeof file === "string" ? insideOf(context, file) : undefined;
  const command = readCommand(service["command"]);
  const entrypoint = readCommand(service["entrypoint"]);
  return {
    context,
    args: readEnvironment(args),
    ...(dockerfile === undefined ? {} : { dockerfile }),
    ...(typeof target === "string" ? { target } : {}),
    ...(entrypoint === undefined ? {} : { entrypoint: entrypoint.map(interpolate) }),
    ...(command === undefined ? {} : { command: command.map(interpolate) }),
  };
}

/** A path of the compose file from the top of the repository; undefined when it leads out of it. */
function insideOf(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const part of `${folder}/${interpolate(path)}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/") || ".";
}

/** A mapping, or a list of `NAME=value`. What has no value there is taken from a shell that is not here: left out. */
function readEnvironment(value: unknown): Record<string, string> {
  const listed = entries(value).flatMap((one) =>
    typeof one === "string" && one.includes("=")
      ? [[one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]]
      : [],
  );
  const all: [string, unknown][] = Array.isArray(value)
    ? listed.map(([name = "", text]) => [name, text])
    : Object.entries(fields(value));
  return Object.fromEntries(
    all
      .filter(([, one]) => ["string", "number", "boolean"].includes(typeof one))
      .map(([name, one]) => [name, escapeReferences(interpolate(String(one)))]),
  );
}

/** `${VAR:-default}` is its default and `$$` a dollar sign; a variable without default is empty, as for compose. */
function interpolate(text: string): string {
  return text.replaceAll(/\$\$|\$\{\w+(?::?-([^}]*))?[^}]*\}|\$[A-Za-z_]\w*/g, (whole, fallback?: string) =>
    whole === "$$" ? "$" : (fallback ?? ""),
  );
}
