import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { environmentOf } from "../../../../ci/src/config/environment.ts";
import { escapeReferences, fillReferences, listReferences } from "../../../../ci/src/config/references.ts";
import { settingsOf } from "./found.ts";

const api = { "package.json": '{ "port": 3000 }' };

function told(text: string, name = "api"): Record<string, string> {
  const settings = settingsOf(api, text);
  const service = settings.services[name];
  assert.ok(service);
  return environmentOf(service ?? { needs: [], env: {} }, settings);
}

/** `fc.assert` for properties without waiting, which say so in their type. */
const check: <T>(property: fc.IProperty<T>, options: fc.Parameters<T>) => void = fc.assert;

const backing = suite("backing services");

backing("tell who needs them where they are, by the usual variables", () => {
  const text = `
services:
  api: { needs: [kafka, postgres, redis, rabbitmq, search, web] }
  web: { port: 8080, path: . }
backing:
  search: { image: "opensearchproject/opensearch:2", port: 9200 }
`;
  assert.equal(told(text), {
    KAFKA_BROKERS: "kafka:9092",
    DATABASE_URL: "postgresql://app:app@postgres:5432/app",
    REDIS_URL: "redis://redis:6379",
    RABBITMQ_URL: "amqp://app:app@rabbitmq:5672",
    SEARCH_HOST: "search",
    SEARCH_PORT: "9200",
    WEB_URL: "http://web:8080",
  });
});

backing("are told by other names when the file says so", () => {
  const text = `
services:
  api:
    env: { KAFKA_BOOTSTRAP_SERVERS: "{kafka}", DSN: "{db.url}?sslmode=disable", WHO: "{db.user}", LITERAL: "{{db.url}} {x y}" }
backing:
  db: { kind: postgres, user: "o'neil", password: "p@ss/w:rd", database: shop, tell: { DB: "{db.host}:{db.port}" } }
  kafka: { tell: {} }
`;
  const dsn = "postgresql://o'neil:p%40ss%2Fw%3Ard@db:5432/shop";
  assert.equal(told(text), {
    DB: "db:5432",
    KAFKA_BOOTSTRAP_SERVERS: "kafka:9092",
    DSN: `${dsn}?sslmode=disable`,
    WHO: "o'neil",
    LITERAL: "{db.url} {x y}",
  });
});

backing("of one kind are told by their own names when there are several", () => {
  const text = `
services: { api: { needs: [orders-db, users-db] } }
backing: { orders-db: { kind: postgres }, users-db: { kind: postgres, database: users } }
`;
  assert.equal(told(text), {
    ORDERS_DB_URL: "postgresql://app:app@orders-db:5432/app",
    USERS_DB_URL: "postgresql://app:app@users-db:5432/users",
  });
});

backing("start with the topics and the SQL that the file names", () => {
  const text = (topics: string) => `
services: { api: { needs: [kafka, postgres] } }
backing: { kafka: { topics: ${topics} }, postgres: { sql: [db] } }
`;
  const files = { ...api, "db/1.sql": undefined };
  assert.equal(settingsOf(files, text("[a, b]")).backing["kafka"]?.topics, {
    a: { partitions: 1 },
    b: { partitions: 1 },
  });
  const { kafka, postgres } = settingsOf(files, text("{ a: { partitions: 3 }, b: {} }")).backing;
  assert.equal(kafka?.topics, { a: { partitions: 3 }, b: { partitions: 1 } });
  assert.equal(postgres?.sql, ["db"]);
});

const compose = `
x-env: &env { LOG: "\${LOG:-debug}" }
services:
  web:
    build: { context: ./web }
    depends_on: { db: { condition: service_healthy }, broker: { condition: service_started } }
    environment: { <<: *env, DATABASE_URL: "postgres://u:p@db/x", SECRET: "\${SECRET}", TEXT: "{x} $$5", PORT: "1", NONE: }
  db:
    image: docker.io/bitnami/postgresql:16
    environment: [POSTGRES_PASSWORD=geheim, POSTGRES_DB=orders]
    volumes: ["./db:/docker-entrypoint-initdb.d:ro", "data:/var/lib/postgresql"]
  broker: { image: "confluentinc/cp-kafka:7.6" }
  search: { image: "opensearch:2", ports: ["127.0.0.1:9201:9200/tcp"], command: [run, it] }
`;

backing("come from a compose file that is there already", () => {
  const files = { "web/package.json": '{ "port": 80 }', "compose.yaml": compose, "db/1.sql": undefined };
  const { services, backing: all } = settingsOf(files);
  assert.equal(services["web"]?.needs, ["db", "broker"]);
  assert.equal(services["web"]?.env, {
    LOG: "debug",
    DATABASE_URL: "postgres://u:p@db/x",
    SECRET: "",
    TEXT: "{{x}} $5",
  });
  assert.equal(all, {
    db: {
      kind: "postgres",
      image: "docker.io/bitnami/postgresql:16",
      port: 5432,
      env: { POSTGRES_PASSWORD: "geheim", POSTGRES_DB: "orders" },
      sql: ["db"],
      user: "postgres",
      password: "geheim",
      database: "orders",
      tell: { DATABASE_URL: "{db.url}" },
    },
    broker: {
      kind: "kafka",
      image: "apache/kafka:4.1.1",
      port: 9092,
      env: {},
      topics: {},
      tell: { KAFKA_BROKERS: "{broker}" },
    },
    search: {
      kind: "other",
      image: "opensearch:2",
      port: 9200,
      env: {},
      start: ["run", "it"],
      tell: { SEARCH_HOST: "{search.host}", SEARCH_PORT: "{search.port}" },
    },
  });
});

backing("of a compose file are left alone when the file says false", () => {
  const files = { "web/package.json": '{ "port": 80 }', "compose.yaml": compose };
  const { services, backing: all } = settingsOf(files, "compose: false\n");
  assert.equal([services["web"]?.needs, all], [[], {}]);
});

backing("references: any text can be written so that it stays the same text", () => {
  const text = fc
    .array(fc.constantFrom("{", "}", "a", "kafka", ".", "url", "{{", "}}", "$", " "))
    .map((all) => all.join(""));
  check(
    fc.property(text, (written) => {
      const escaped = escapeReferences(written);
      assert.equal(listReferences(escaped), []);
      assert.is(
        fillReferences(escaped, () => ({})),
        written,
      );
    }),
    { numRuns: 2000 },
  );
});

backing.run();
