import type { BackingSettings } from "../config/settings.ts";
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
  "pom.xml": {
    kafka: /<artifactId>(kafka-clients|kafka-streams|spring-kafka)</,
    postgres: /<groupId>(org\.postgresql)</,
    redis: /<artifactId>(jedis|lettuce-core|spring-boot-starter-data-redis)</,
    rabbitmq: /<artifactId>(amqp-client|spring-boot-starter-amqp)</,
  },
  "build.gradle": {
    kafka: /["':](kafka-clients|kafka-streams|spring-kafka)\b/,
    postgres: /["'](org\.postgresql):/,
    redis: /[:"'](jedis|lettuce-core|spring-boot-starter-data-redis)\b/,
    rabbitmq: /[:"'](amqp-client|spring-boot-starter-amqp)\b/,
  },
};
const FILES: readonly (readonly [file: string, like: string])[] = [
  ...Object.keys(CLIENTS).map((name) => [name, name] as const),
  ["build.gradle.kts", "build.gradle"],
  ["Pipfile", "requirements.txt"],
];

/** Whether a folder has a file that names what a project depends on. */
export function hasClients(outline: Outline, folder: string): boolean {
  return FILES.some(([file]) => hasFile(outline, pathIn(folder, file)));
}

/**
 * The backing services that a folder has a client of. A client that is only used in tests is taken for one as well: what is
 * proposed is shown, and a person can take it out.
 */
export function findNeeds(outline: Outline, folder: string): Found<Kind>[] {
  const found = FILES.flatMap(([file, like]) => {
    const path = pathIn(folder, file);
    const text = outline.text(path);
    const clients = CLIENTS[like];
    if (text === undefined || clients === undefined) return [];
    return (Object.entries(clients) as [Kind, RegExp][]).flatMap(([value, pattern]): Found<Kind>[] => {
      const client = pattern.exec(text)?.[1];
      return client === undefined ? [] : [{ value, from: `${path} depends on ${client}` }];
    });
  });
  return found.filter(({ value }, place) => found.findIndex((one) => one.value === value) === place);
}
