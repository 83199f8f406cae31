import { basename, dirname } from "node:path/posix";
import type { BackingSettings } from "../config/settings.ts";
import { SETTINGS } from "../languages/java/framework.ts";
import { findGradleRoot, listGradleDependencies, readScripts } from "../languages/java/gradle.ts";
import { listDependencies, readPom } from "../languages/java/pom.ts";
import type { Found } from "../languages/language.ts";
import { hasFile, type Outline, pathIn } from "../repository/outline.ts";

type Kind = Exclude<BackingSettings["kind"], "other">;

/** Packages that speak to a backing service, by the file that names what a project depends on. */
const CLIENTS: Readonly<Record<string, Readonly<Record<Kind, RegExp>>>> = {
  "package.json": {
    kafka: /"(kafkajs|node-rdkafka|@confluentinc\/kafka-javascript|@platformatic\/kafka)"\s*:/,
    postgres: /"(pg|postgres|pg-promise|slonik)"\s*:/,
    redis: /"(redis|ioredis|@redis\/client|bullmq)"\s*:/,
    rabbitmq: /"(amqplib|rabbitmq-client|amqp-connection-manager)"\s*:/,
  },
  "pyproject.toml": {
    kafka: /["'](confluent[-_]kafka|kafka-python(?:-ng)?|aiokafka|faust-streaming)\b/i,
    postgres: /["'](psycopg2?(?:-binary)?|asyncpg|pg8000)\b/i,
    redis: /["'](redis|valkey)\b/i,
    rabbitmq: /["'](pika|aio-pika|aioamqp)\b/i,
  },
  "requirements.txt": {
    kafka: /^(confluent[-_]kafka|kafka-python(?:-ng)?|aiokafka|faust-streaming)\b/im,
    postgres: /^(psycopg2?(?:-binary)?|asyncpg|pg8000)\b/im,
    redis: /^(redis|valkey)\b/im,
    rabbitmq: /^(pika|aio-pika|aioamqp)\b/im,
  },
  "go.mod": {
    kafka:
      /\b(github\.com\/(?:segmentio\/kafka-go|IBM\/sarama|Shopify\/sarama|twmb\/franz-go|confluentinc\/confluent-kafka-go))\b/,
    postgres: /\b(github\.com\/(?:jackc\/pgx|lib\/pq))\b/,
    redis: /\b(github\.com\/(?:redis\/go-redis|go-redis\/redis|redis\/rueidis|valkey-io\/valkey-go))\b/,
    rabbitmq: /\b(github\.com\/(?:rabbitmq\/amqp091-go|streadway\/amqp))\b/,
  },
  java: {
    kafka:
      /(?<![\w-])(?:libs-)?(kafka-(?:clients|streams)|(?:spring|reactor|micronaut)-kafka|spring-boot-starter-kafka|quarkus-(?:smallrye-reactive-)?messaging-kafka|quarkus-kafka-(?:client|streams)|micronaut-kafka-streams|spring-cloud-(?:starter-stream-kafka|stream-binder-kafka(?:-streams)?))(?![\w-])/,
    postgres:
      /(?<![\w-])(?:libs-)?(postgresql|r2dbc-postgresql|quarkus-(?:jdbc-postgresql|reactive-pg-client)|vertx-pg-client)(?![\w-])/,
    redis:
      /(?<![\w-])(?:libs-)?(jedis|lettuce-core|redisson(?:-spring-boot-starter)?|spring-boot-starter-data-redis(?:-reactive)?|spring-(?:data|session-data)-redis|quarkus-redis-client|micronaut-redis-lettuce)(?![\w-])/,
    rabbitmq:
      /(?<![\w-])(?:libs-)?(amqp-client|spring-boot-starter-amqp|spring-rabbit|quarkus-(?:smallrye-reactive-)?messaging-rabbitmq|micronaut-rabbitmq|spring-cloud-(?:starter-stream-rabbit|stream-binder-rabbit))(?![\w-])/,
  },
};
const FILES: readonly (readonly [file: string, like: string])[] = [
  ...Object.keys(CLIENTS).flatMap((name) => (name === "java" ? [] : [[name, name] as const])),
  ["pom.xml", "java"],
  ["build.gradle", "java"],
  ["build.gradle.kts", "java"],
  ["Pipfile", "requirements.txt"],
];

/** Whether a folder has a file that names what a project depends on. */
export function hasClients(outline: Outline, folder: string): boolean {
  return FILES.some(([file]) => hasFile(outline, pathIn(folder, file)));
}

/**
 * The backing services that a folder has a client of. Of Node, Python and Go a client that is only used in tests is taken for
 * one as well: what is proposed is shown, and a person can take it out.
 */
export function findNeeds(outline: Outline, folder: string): Found<Kind>[] {
  const found = FILES.flatMap(([file, like]) => {
    const path = pathIn(folder, file);
    const text = readDependencies(outline, path);
    const clients = CLIENTS[like];
    if (text === undefined || clients === undefined) return [];
    return (Object.entries(clients) as [Kind, RegExp][]).flatMap(([value, pattern]): Found<Kind>[] => {
      const client = pattern.exec(text)?.[1];
      return client === undefined ? [] : [{ value, from: `${path} depends on ${client}` }];
    });
  });
  const isUnsaid = findUnsaid(outline, folder) !== undefined;
  return found.filter(
    ({ value }, place) =>
      found.findIndex((one) => one.value === value) === place && !(isUnsaid && value === "postgres"),
  );
}

/** Drivers of other databases than PostgreSQL that Java has. */
const OTHER_DRIVERS =
  /(?<![\w-])(?:libs-)?(h2|hsqldb|derby|sqlite-jdbc|mysql-connector-(?:j|java)|mariadb-java-client|mssql-jdbc|ojdbc\d+|quarkus-jdbc-(?!postgresql)\w+)(?![\w-])/;

/**
 * Another database of which a project of Java has the driver beside that of PostgreSQL, while its settings do not speak of
 * PostgreSQL: by itself it starts with the other one.
 */
export function findUnsaid(outline: Outline, folder: string): Found<string> | undefined {
  const files = ["pom.xml", "build.gradle", "build.gradle.kts"].map((name) => pathIn(folder, name));
  for (const path of files) {
    const text = readDependencies(outline, path) ?? "";
    const other = CLIENTS["java"]?.postgres.test(text) === true ? OTHER_DRIVERS.exec(text)?.[1] : undefined;
    if (other !== undefined && !speaksOfPostgres(outline, folder)) return { value: other, from: path };
  }
  return undefined;
}

/** By what counts without a profile: of YAML the first document. */
function speaksOfPostgres(outline: Outline, folder: string): boolean {
  return SETTINGS.some((name) => {
    const text = outline.text(pathIn(folder, name)) ?? "";
    const [first = ""] = text.replace(/^---\s*\n/, "").split(/^(?:---|#---)\s*$/m);
    return /postgres/i.test(first.replace(/^\s*#.*$/gm, ""));
  });
}

/** What a file says that its project depends on by itself: of Maven also what parents in the repository say for all. */
function readDependencies(outline: Outline, path: string): string | undefined {
  const text = outline.text(path);
  const folder = dirname(path);
  if (text === undefined) return undefined;
  switch (basename(path)) {
    case "go.mod":
      return text.replaceAll(/^.*\/\/\s*indirect\b.*$/gm, "");
    case "pom.xml": {
      const pom = readPom(outline, folder);
      return pom === undefined ? "" : listDependencies(pom).join("\n");
    }
    case "build.gradle":
    case "build.gradle.kts":
      return listGradleDependencies(readScripts(outline, folder, findGradleRoot(outline, folder)), folder);
    default:
      return text;
  }
}
