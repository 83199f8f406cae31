import { type Container, dag, type Service } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Checkout } from "../checkout/checkout.ts";
import type { BackingSettings } from "../config/settings.ts";
import { ownValue } from "../input/names.ts";
import { tellUnknown } from "../input/nearest-name.ts";
import { startKafka } from "./kafka.ts";
import { askOften, waitForOnly } from "./readiness.ts";

/** Where images of PostgreSQL find what a database starts with. */
const INITIAL_SQL = "/docker-entrypoint-initdb.d";

/**
 * A backing service, empty at every start but for what its settings say. `name` is the host by which it is bound.
 *
 * All who use the same definition in one session share one.
 */
export async function startBacking(checkout: Checkout, name: string, backing: BackingSettings): Promise<Service> {
  const { kind, image, port, start } = backing;
  if (kind === "kafka") {
    const { env, topics = {} } = backing;
    return startKafka({ host: name, image, env, topics });
  }
  let container = dag.container().from(image);
  for (const [variable, value] of Object.entries({ ...loginOf(backing), ...backing.env }))
    container = container.withEnvVariable(variable, value);
  if (kind === "postgres") container = withSql(container, checkout, backing.sql ?? []);
  const open = await askOften(await waitForOnly(container, port));
  return open.asService(start === undefined ? { useEntrypoint: true } : { args: [...start] });
}

function loginOf({ kind, user, password, database }: BackingSettings): Record<string, string> {
  const given = (names: Readonly<Record<string, string | undefined>>) =>
    Object.fromEntries(Object.entries(names).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  if (kind === "postgres") return given({ POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database });
  if (kind === "rabbitmq") return given({ RABBITMQ_DEFAULT_USER: user, RABBITMQ_DEFAULT_PASS: password });
  return {};
}

/** The files in their order: the image runs them by name. A folder keeps the names of its own. */
function withSql(container: Container, { files }: Checkout, sql: readonly string[]): Container {
  return sql.reduce((filled, path, at) => {
    const read = files({ include: [path], exclude: [] });
    const place = `${INITIAL_SQL}/${String(at).padStart(3, "0")}-`;
    return path.endsWith(".sql") || path.endsWith(".sh") || path.endsWith(".sql.gz")
      ? filled.withFile(`${place}${path.split("/").at(-1)}`, read.file(path))
      : filled.withDirectory(INITIAL_SQL, read.directory(path), { include: ["*.sql"] });
  }, container);
}

/** The backing service of a name. @throws Error with the list of them when there is no such one */
export async function startBackingNamed(checkout: Checkout, name: string): Promise<Service> {
  const { backing } = checkout.settings;
  const found = ownValue(backing, name);
  if (found !== undefined) return await startBacking(checkout, name, found);
  throw new SlipwayError("no-such-service", {
    what: tellUnknown("backing service", name, Object.keys(backing)),
    where: "--name",
    todo: "use one of these, or name it under backing or needs of slipway.yaml",
  });
}
