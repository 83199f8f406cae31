/** What frameworks of Java are told of the backing services that they need. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { environmentOf } from "../../../../ci/src/config/environment.ts";
import { readSettings } from "../../../../ci/src/config/read-settings.ts";
import { findProjects } from "../../../../ci/src/languages/projects.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

type Files = Readonly<Record<string, string>>;

const connections = suite("what frameworks of Java are told");

const pom = (names: readonly string[], more = "") => ({
  "pom.xml": `<project>${more}<artifactId>shop</artifactId><dependencies>${names
    .map((name) => `<dependency><artifactId>${name}</artifactId></dependency>`)
    .join("")}</dependencies></project>`,
});
const needing = (needs: string, env = "{}") => ({
  "slipway.yaml": `services: { shop: { port: 8080, needs: [${needs}], env: ${env} } }\n`,
});
const parent = (release: string) =>
  `<parent><artifactId>spring-boot-starter-parent</artifactId><version>${release}</version></parent>`;

/** All that the only service is told, but for what every service is. */
function told(files: Files): string[] {
  const settings = readSettings(files["slipway.yaml"], outlineOf(files), findProjects);
  const [service] = Object.values(settings.services);
  const all = service === undefined ? {} : environmentOf(service, settings);
  const usual = ["KAFKA_BROKERS", "DATABASE_URL", "REDIS_URL", "RABBITMQ_URL"];
  return Object.entries(all).flatMap(([name, value]) => (usual.includes(name) ? [] : [`${name}=${value}`]));
}

const SPRING_DATABASE = [
  "SPRING_DATASOURCE_URL=jdbc:postgresql://postgres:5432/app",
  "SPRING_DATASOURCE_USERNAME=app",
  "SPRING_DATASOURCE_PASSWORD=app",
];

const cases: readonly (readonly [string, Files, readonly string[]])[] = [
  ["nothing where nothing is needed", { ...pom(["spring-boot-starter-web"]), ...needing("") }, []],
  ["nothing without a framework", { ...pom(["javalin", "postgresql"]), ...needing("postgres, kafka") }, []],
  [
    "Spring its database",
    { ...pom(["spring-boot-starter-data-jpa", "postgresql"]), ...needing("postgres") },
    SPRING_DATABASE,
  ],
  [
    "Spring its database without JDBC",
    { ...pom(["spring-boot-starter-data-r2dbc", "r2dbc-postgresql"]), ...needing("postgres") },
    ["SPRING_R2DBC_URL=r2dbc:postgresql://postgres:5432/app", "SPRING_R2DBC_USERNAME=app", "SPRING_R2DBC_PASSWORD=app"],
  ],
  [
    "Spring both ways to its database when its tables are made by JDBC",
    { ...pom(["spring-boot-starter-data-r2dbc", "r2dbc-postgresql", "flyway-core"]), ...needing("postgres") },
    [
      ...SPRING_DATABASE,
      "SPRING_R2DBC_URL=r2dbc:postgresql://postgres:5432/app",
      "SPRING_R2DBC_USERNAME=app",
      "SPRING_R2DBC_PASSWORD=app",
    ],
  ],
  [
    "Spring all others",
    { ...pom(["spring-boot-starter-web"], parent("3.5.0")), ...needing("kafka, redis, rabbitmq") },
    [
      "SPRING_KAFKA_BOOTSTRAP_SERVERS=kafka:9092",
      "SPRING_DATA_REDIS_HOST=redis",
      "SPRING_DATA_REDIS_PORT=6379",
      "SPRING_RABBITMQ_HOST=rabbitmq",
      "SPRING_RABBITMQ_PORT=5672",
      "SPRING_RABBITMQ_USERNAME=app",
      "SPRING_RABBITMQ_PASSWORD=app",
    ],
  ],
  [
    "Spring Boot 2 its Redis by the old names",
    { ...pom(["spring-boot-starter-data-redis"], parent("2.7.18")), ...needing("redis") },
    ["SPRING_REDIS_HOST=redis", "SPRING_REDIS_PORT=6379"],
  ],
  [
    "the binder of Spring Cloud Stream its brokers",
    { ...pom(["spring-cloud-stream-binder-kafka"]), ...needing("kafka") },
    ["SPRING_KAFKA_BOOTSTRAP_SERVERS=kafka:9092", "SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS=kafka:9092"],
  ],
  [
    "Quarkus",
    { ...pom(["quarkus-rest", "quarkus-jdbc-postgresql"]), ...needing("kafka, postgres, redis, rabbitmq") },
    [
      "KAFKA_BOOTSTRAP_SERVERS=kafka:9092",
      "QUARKUS_DATASOURCE_JDBC_URL=jdbc:postgresql://postgres:5432/app",
      "QUARKUS_DATASOURCE_USERNAME=app",
      "QUARKUS_DATASOURCE_PASSWORD=app",
      "QUARKUS_REDIS_HOSTS=redis://redis:6379",
      "RABBITMQ_HOST=rabbitmq",
      "RABBITMQ_PORT=5672",
      "RABBITMQ_USERNAME=app",
      "RABBITMQ_PASSWORD=app",
    ],
  ],
  [
    "Quarkus its database without JDBC",
    { ...pom(["quarkus-reactive-pg-client"]), ...needing("postgres") },
    [
      "QUARKUS_DATASOURCE_REACTIVE_URL=postgresql://postgres:5432/app",
      "QUARKUS_DATASOURCE_USERNAME=app",
      "QUARKUS_DATASOURCE_PASSWORD=app",
    ],
  ],
  [
    "Micronaut",
    {
      ...pom(["micronaut-http-server-netty", "micronaut-jdbc-hikari"]),
      ...needing("kafka, postgres, redis, rabbitmq"),
    },
    [
      "KAFKA_BOOTSTRAP_SERVERS=kafka:9092",
      "DATASOURCES_DEFAULT_URL=jdbc:postgresql://postgres:5432/app",
      "DATASOURCES_DEFAULT_USERNAME=app",
      "DATASOURCES_DEFAULT_PASSWORD=app",
      "REDIS_URI=redis://redis:6379",
      "RABBITMQ_URI=amqp://app:app@rabbitmq:5672",
    ],
  ],
  [
    "Gradle's too, by its plugin and its catalog",
    {
      "build.gradle.kts":
        'plugins { id("org.springframework.boot") version "2.7.1" }\ndependencies { implementation(libs.spring.boot.starter.web) }\n',
      "settings.gradle.kts": "",
      gradlew: "",
      "gradle/wrapper/gradle-wrapper.properties": "",
      ...needing("kafka, redis"),
    },
    ["SPRING_KAFKA_BOOTSTRAP_SERVERS=kafka:9092", "SPRING_REDIS_HOST=redis", "SPRING_REDIS_PORT=6379"],
  ],
  [
    "what the file says before what they are told",
    {
      ...pom(["spring-boot-starter-data-jpa"]),
      ...needing("postgres", '{ SPRING_DATASOURCE_URL: "jdbc:postgresql://{postgres}/other" }'),
    },
    [
      "SPRING_DATASOURCE_URL=jdbc:postgresql://postgres:5432/other",
      "SPRING_DATASOURCE_USERNAME=app",
      "SPRING_DATASOURCE_PASSWORD=app",
    ],
  ],
  [
    "by the name that the compose file has, and after what it says",
    {
      ...pom(["spring-boot-starter-data-jpa"]),
      "compose.yaml":
        "services: { shop: { build: ., depends_on: [orders-db], environment: { SPRING_DATASOURCE_USERNAME: me } }, orders-db: { image: 'postgres:17', environment: { POSTGRES_DB: orders, POSTGRES_PASSWORD: word } } }\n",
      "src/main/java/App.java": "class App { public static void main(String[] args) {} }\n",
    },
    [
      "SPRING_DATASOURCE_URL=jdbc:postgresql://orders-db:5432/orders",
      "SPRING_DATASOURCE_USERNAME=me",
      "SPRING_DATASOURCE_PASSWORD=word",
    ],
  ],
  [
    "nothing of two databases: nobody says which one is meant",
    {
      ...pom(["spring-boot-starter-data-jpa"]),
      "slipway.yaml":
        "services: { shop: { port: 8080, needs: [a, b] } }\nbacking: { a: { kind: postgres, tell: {} }, b: { kind: postgres, tell: {} } }\n",
    },
    [],
  ],
  [
    "what a Dockerfile beside it builds as well",
    { ...pom(["spring-boot-starter-data-jpa"]), Dockerfile: "FROM a\nEXPOSE 8080\n", ...needing("postgres") },
    SPRING_DATABASE,
  ],
];

for (const [name, files, said] of cases) connections(name, () => assert.equal(told(files), said));

connections("is explained by what says which framework it is", () => {
  const files = { ...pom(["spring-boot-starter-data-jpa"]), ...needing("postgres") };
  const { decisions } = readSettings(files["slipway.yaml"], outlineOf(files), findProjects);
  const from = decisions.of(["services", "shop", "env", "SPRING_DATASOURCE_URL"]).from;
  assert.is(from, "pom.xml depends on spring-boot-starter-data-jpa");
});

connections.run();
