import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findNeeds } from "../../../../ci/src/init/find-needs.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

const needs = suite("backing services that a project has a client of");

type Files = Readonly<Record<string, string>>;

const dependency = (name: string, scope = "") =>
  `<dependency><groupId>g</groupId><artifactId>${name}</artifactId>${scope === "" ? "" : `<scope>${scope}</scope>`}</dependency>`;
const pom = (inner: string) => `<project><artifactId>a</artifactId>${inner}</project>`;
const maven = (...names: readonly string[]): Files => ({
  "pom.xml": pom(`<dependencies>${names.map((name) => dependency(name)).join("")}</dependencies>`),
});
const gradle = (text: string): Files => ({ "build.gradle": text, "settings.gradle": "" });

/** Files, the folder that is asked about, and what it needs. */
const cases: readonly (readonly [string, Files, string, readonly string[]])[] = [
  [
    "a client of Go that go.mod requires directly",
    { "go.mod": "module x\nrequire (\n\tgithub.com/lib/pq v1.1.1 // for orders\n)\n" },
    ".",
    ["postgres: go.mod depends on github.com/lib/pq"],
  ],
  [
    "no client of Go that only another module requires",
    {
      "go.mod":
        "module x\nrequire (\n\tgithub.com/lib/pq v1.1.1 // indirect\n\tgithub.com/IBM/sarama v1 //indirect\n)\n",
    },
    ".",
    [],
  ],
  [
    "a starter of Spring Boot 4",
    maven("spring-boot-starter-kafka"),
    ".",
    ["kafka: pom.xml depends on spring-boot-starter-kafka"],
  ],
  ["nothing for a starter of its tests", maven("spring-boot-starter-kafka-test"), ".", []],
  [
    "clients of Quarkus",
    maven("quarkus-messaging-kafka", "quarkus-jdbc-postgresql", "quarkus-redis-client", "quarkus-messaging-rabbitmq"),
    ".",
    [
      "kafka: pom.xml depends on quarkus-messaging-kafka",
      "postgres: pom.xml depends on quarkus-jdbc-postgresql",
      "redis: pom.xml depends on quarkus-redis-client",
      "rabbitmq: pom.xml depends on quarkus-messaging-rabbitmq",
    ],
  ],
  [
    "clients of Micronaut",
    maven("micronaut-kafka", "postgresql", "micronaut-redis-lettuce", "micronaut-rabbitmq"),
    ".",
    [
      "kafka: pom.xml depends on micronaut-kafka",
      "postgres: pom.xml depends on postgresql",
      "redis: pom.xml depends on micronaut-redis-lettuce",
      "rabbitmq: pom.xml depends on micronaut-rabbitmq",
    ],
  ],
  [
    "the binders of Spring Cloud Stream",
    maven("spring-cloud-stream-binder-kafka", "spring-cloud-starter-stream-rabbit"),
    ".",
    [
      "kafka: pom.xml depends on spring-cloud-stream-binder-kafka",
      "rabbitmq: pom.xml depends on spring-cloud-starter-stream-rabbit",
    ],
  ],
  [
    "a driver without JDBC",
    maven("r2dbc-postgresql", "spring-boot-starter-data-redis-reactive"),
    ".",
    [
      "postgres: pom.xml depends on r2dbc-postgresql",
      "redis: pom.xml depends on spring-boot-starter-data-redis-reactive",
    ],
  ],
  [
    "nothing that only tests of Maven use",
    {
      "pom.xml": pom(
        `<dependencies>${dependency("postgresql", "test")}${dependency("jedis", " test ")}</dependencies>`,
      ),
    },
    ".",
    [],
  ],
  [
    "nothing that a pom.xml only manages, or speaks of",
    {
      "pom.xml": pom(
        `<!-- <dependency><artifactId>jedis</artifactId></dependency> --><dependencyManagement><dependencies>${dependency("kafka-clients")}</dependencies></dependencyManagement>`,
      ),
    },
    ".",
    [],
  ],
  [
    "what the parent in the repository has for all modules",
    {
      "pom.xml": pom(
        `<modules><module>app</module></modules><dependencies>${dependency("spring-kafka")}</dependencies>`,
      ),
      "app/pom.xml": pom("<parent><artifactId>a</artifactId></parent>"),
    },
    "app",
    ["kafka: app/pom.xml depends on spring-kafka"],
  ],
  [
    "a client of Gradle",
    gradle(
      "dependencies { implementation 'org.apache.kafka:kafka-streams:4.1.0'\n runtimeOnly('org.postgresql:postgresql') }",
    ),
    ".",
    ["kafka: build.gradle depends on kafka-streams", "postgres: build.gradle depends on postgresql"],
  ],
  [
    "a client of a version catalog",
    { "build.gradle.kts": "dependencies { implementation(libs.spring.kafka) }", "settings.gradle.kts": "" },
    ".",
    ["kafka: build.gradle.kts depends on spring-kafka"],
  ],
  [
    "nothing that only tests of Gradle use, or a comment",
    gradle(
      "dependencies {\n  // implementation 'redis.clients:jedis:5'\n  testRuntimeOnly 'org.postgresql:postgresql'\n}",
    ),
    ".",
    [],
  ],
  [
    "no PostgreSQL when another driver is there and no setting speaks of it",
    {
      ...maven("postgresql", "h2"),
      "src/main/resources/application.properties": "# postgres\nspring.profiles.active=h2\n",
    },
    ".",
    [],
  ],
  [
    "PostgreSQL when a setting speaks of it, whatever other driver is there",
    {
      ...maven("postgresql", "mysql-connector-j"),
      "src/main/resources/application.yml": "---\nspring:\n  datasource:\n    url: jdbc:postgresql://localhost/a\n",
    },
    ".",
    ["postgres: pom.xml depends on postgresql"],
  ],
  [
    "no PostgreSQL of a profile that is not on by itself",
    {
      ...maven("postgresql", "h2"),
      "src/main/resources/application.yml":
        "server.port: 1\n---\nspring.datasource.url: jdbc:postgresql://localhost/a\n",
    },
    ".",
    [],
  ],
  [
    "PostgreSQL when the other driver is for tests alone",
    {
      "pom.xml": pom(`<dependencies>${dependency("postgresql")}${dependency("h2", "test")}</dependencies>`),
    },
    ".",
    ["postgres: pom.xml depends on postgresql"],
  ],
];

for (const [name, files, folder, said] of cases)
  needs(name, () => {
    const found = findNeeds(outlineOf(files), folder).map(({ value, from }) => `${value}: ${from}`);
    assert.equal(found, said);
  });

needs.run();
