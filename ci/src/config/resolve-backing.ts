import { ownValue } from "../input/names.ts";
import { images } from "../tool-images.ts";
import { kindOf } from "./backing-kind.ts";
import type { ComposedBacking } from "./compose.ts";
import { toVariable } from "./resolve-services.ts";
import type { Scene } from "./scene.ts";
import { BACKING_KINDS } from "./service-schema.ts";
import type { BackingSettings } from "./settings.ts";

type Kind = BackingSettings["kind"];

/** What a backing service of each kind is when nobody says more. */
const DEFAULTS: Readonly<
  Record<
    Exclude<Kind, "other">,
    { readonly image: string; readonly port: number; readonly variable: string; readonly field: string }
  >
> = {
  kafka: { image: images.kafka, port: 9092, variable: "KAFKA_BROKERS", field: "address" },
  postgres: { image: images.postgres, port: 5432, variable: "DATABASE_URL", field: "url" },
  redis: { image: images.redis, port: 6379, variable: "REDIS_URL", field: "url" },
  rabbitmq: { image: images.rabbitmq, port: 5672, variable: "RABBITMQ_URL", field: "url" },
};

/** Backing services by name: those of the file, of the compose file, and those that somebody needs by one word. */
export function resolveBacking(scene: Scene, needed: ReadonlySet<string>): Record<string, BackingSettings> {
  const { file, composed } = scene;
  const words = BACKING_KINDS.filter((word) => needed.has(word));
  const names = [...new Set([...Object.keys(file.backing ?? {}), ...composed.backing.keys(), ...words])];
  const kinds = new Map(names.map((name) => [name, kindOf(scene, name)]));
  const isOnly = (kind: Kind) => [...kinds.values()].filter((one) => one === kind).length === 1;
  return Object.fromEntries(
    names.map((name) => {
      const kind = kinds.get(name) ?? "other";
      return [name, resolveOne(scene, name, kind, isOnly(kind))] as const;
    }),
  );
}

/** What a compose file calls it. */
const COMPOSE_KEYS: Readonly<Record<keyof ComposedBacking, string>> = {
  kind: "image",
  image: "image",
  port: "ports",
  env: "environment",
  start: "command",
  sql: "volumes",
  needs: "depends_on",
};

function resolveOne(scene: Scene, name: string, kind: Kind, isOnly: boolean): BackingSettings {
  const { file, composed, decisions } = scene;
  const written = ownValue(file.backing ?? {}, name) ?? {};
  const ofCompose = composed.backing.get(name);
  const from = `${composed.path?.value} services.${name}`;
  const at = ["backing", name];
  const found = <Key extends keyof ComposedBacking>(key: Key) =>
    ofCompose?.[key] === undefined ? undefined : { value: ofCompose[key], from: `${from}.${COMPOSE_KEYS[key]}` };
  const known = kind === "other" ? undefined : DEFAULTS[kind];
  const env = { ...ofCompose?.env, ...written.env };
  for (const variable of Object.keys(ofCompose?.env ?? {}))
    if (written.env?.[variable] === undefined) decisions.note([...at, "env", variable], `${from}.environment`);
  const byDefault = <T>(value: T | undefined) => (value === undefined ? undefined : { value, from: "default" });
  // What stands there at least is looked at before: an image and a port of what has no default.
  const image = decisions.decide([...at, "image"], written.image, found("image"), byDefault(known?.image)) ?? "";
  const port = decisions.decide([...at, "port"], written.port, found("port"), byDefault(known?.port)) ?? 1;
  const start = decisions.decide([...at, "start"], written.start, found("start"));
  const login = resolveLogin(scene, name, kind, env, from);
  const sql = decisions.decide(
    [...at, "sql"],
    written.sql,
    found("sql"),
    kind === "postgres" ? byDefault([]) : undefined,
  );
  return {
    kind,
    image,
    port,
    env,
    ...(start === undefined ? {} : { start }),
    ...(kind === "kafka" ? { topics: topicsOf(written.topics) } : {}),
    ...(sql === undefined ? {} : { sql }),
    ...login,
    tell: written.tell ?? tellByDefault(name, kind, isOnly),
  };
}

function resolveLogin(
  { file, composed, decisions }: Scene,
  name: string,
  kind: Kind,
  env: Readonly<Record<string, string>>,
  from: string,
): Pick<BackingSettings, "user" | "password" | "database"> {
  if (kind !== "postgres" && kind !== "rabbitmq") return {};
  const written = ownValue(file.backing ?? {}, name) ?? {};
  const prefix = kind === "postgres" ? "POSTGRES" : "RABBITMQ_DEFAULT";
  const decide = (key: "user" | "password" | "database", variable: string, fallback: string): string =>
    decisions.decide(
      ["backing", name, key],
      written[key],
      env[variable] === undefined ? undefined : { value: env[variable], from: `${from}.environment.${variable}` },
      { value: fallback, from: "default" },
    ) ?? fallback;
  // Addresses in a compose file rely on what its image does by itself.
  const usual = !composed.backing.has(name) ? "app" : kind === "postgres" ? "postgres" : "guest";
  const user = decide("user", `${prefix}_USER`, usual);
  const password = decide("password", kind === "postgres" ? "POSTGRES_PASSWORD" : "RABBITMQ_DEFAULT_PASS", usual);
  if (kind === "rabbitmq") return { user, password };
  return { user, password, database: decide("database", "POSTGRES_DB", user) };
}

function topicsOf(
  written: NonNullable<NonNullable<Scene["file"]["backing"]>[string]["topics"]> | undefined,
): NonNullable<BackingSettings["topics"]> {
  if (written === undefined) return {};
  return Array.isArray(written) ? Object.fromEntries(written.map((name) => [name, { partitions: 1 }])) : written;
}

/** Two databases cannot both be DATABASE_URL: then each is called by its name. */
function tellByDefault(name: string, kind: Kind, isOnly: boolean): Record<string, string> {
  const prefix = toVariable(name);
  if (kind === "other") return { [`${prefix}_HOST`]: `{${name}.host}`, [`${prefix}_PORT`]: `{${name}.port}` };
  const { variable, field } = DEFAULTS[kind];
  const value = field === "address" ? `{${name}}` : `{${name}.${field}}`;
  return { [isOnly ? variable : `${prefix}_${kind === "kafka" ? "BROKERS" : "URL"}`]: value };
}
