import type { Connections, Found } from "../language.ts";

const SPRING_DATABASE = {
  SPRING_DATASOURCE_URL: "jdbc:postgresql://{it}/{it.database}",
  SPRING_DATASOURCE_USERNAME: "{it.user}",
  SPRING_DATASOURCE_PASSWORD: "{it.password}",
};
const SPRING_REACTIVE_DATABASE = {
  SPRING_R2DBC_URL: "r2dbc:postgresql://{it}/{it.database}",
  SPRING_R2DBC_USERNAME: "{it.user}",
  SPRING_R2DBC_PASSWORD: "{it.password}",
};

/** Packages by which a project speaks to a database without JDBC, and those by which it does. */
const REACTIVE = /\br2dbc-postgresql\b|-data-r2dbc\b|-reactive-pg-client\b/;
const BLOCKING = /\b(?:jdbc|jpa|hibernate-orm|flyway|liquibase|mybatis|jooq)/;

/** What of both a project needs: what it depends on, and the blocking one where nothing says. */
function databaseOf(dependencies: string, reactive: Vars, blocking: Vars): Vars {
  if (!REACTIVE.test(dependencies)) return blocking;
  return BLOCKING.test(dependencies) ? { ...blocking, ...reactive } : reactive;
}

type Vars = Readonly<Record<string, string>>;

interface Framework {
  readonly mark: RegExp;
  readonly variables: (dependencies: string, release: number | undefined) => Connections["variables"];
}

/** The variables by which frameworks are told where things are: their own settings, as they read them from the environment. */
const FRAMEWORKS: readonly Framework[] = [
  {
    mark: /(?<![\w-])(?:libs-)?(quarkus-[\w-]+)/,
    variables: (dependencies) => ({
      kafka: { KAFKA_BOOTSTRAP_SERVERS: "{it}" },
      postgres: databaseOf(
        dependencies,
        {
          QUARKUS_DATASOURCE_REACTIVE_URL: "postgresql://{it}/{it.database}",
          QUARKUS_DATASOURCE_USERNAME: "{it.user}",
          QUARKUS_DATASOURCE_PASSWORD: "{it.password}",
        },
        {
          QUARKUS_DATASOURCE_JDBC_URL: "jdbc:postgresql://{it}/{it.database}",
          QUARKUS_DATASOURCE_USERNAME: "{it.user}",
          QUARKUS_DATASOURCE_PASSWORD: "{it.password}",
        },
      ),
      redis: { QUARKUS_REDIS_HOSTS: "{it.url}" },
      rabbitmq: {
        RABBITMQ_HOST: "{it.host}",
        RABBITMQ_PORT: "{it.port}",
        RABBITMQ_USERNAME: "{it.user}",
        RABBITMQ_PASSWORD: "{it.password}",
      },
    }),
  },
  {
    mark: /(?<![\w-])(?:libs-)?(micronaut-[\w-]+)/,
    variables: (dependencies) => ({
      kafka: { KAFKA_BOOTSTRAP_SERVERS: "{it}" },
      postgres: databaseOf(
        dependencies,
        {
          R2DBC_DATASOURCES_DEFAULT_URL: "r2dbc:postgresql://{it}/{it.database}",
          R2DBC_DATASOURCES_DEFAULT_USERNAME: "{it.user}",
          R2DBC_DATASOURCES_DEFAULT_PASSWORD: "{it.password}",
        },
        {
          DATASOURCES_DEFAULT_URL: "jdbc:postgresql://{it}/{it.database}",
          DATASOURCES_DEFAULT_USERNAME: "{it.user}",
          DATASOURCES_DEFAULT_PASSWORD: "{it.password}",
        },
      ),
      redis: { REDIS_URI: "{it.url}" },
      rabbitmq: { RABBITMQ_URI: "{it.url}" },
    }),
  },
  {
    mark: /(?<![\w-])(?:libs-)?(spring-(?:boot|kafka|cloud|data|rabbit|jdbc)[\w-]*)|\b(org\.springframework\.boot)\b/,
    variables: (dependencies, release) => ({
      kafka: {
        SPRING_KAFKA_BOOTSTRAP_SERVERS: "{it}",
        ...(/\bspring-cloud-[\w-]*kafka/.test(dependencies)
          ? { SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS: "{it}" }
          : {}),
      },
      postgres: databaseOf(dependencies, SPRING_REACTIVE_DATABASE, SPRING_DATABASE),
      redis:
        release !== undefined && release < 3
          ? { SPRING_REDIS_HOST: "{it.host}", SPRING_REDIS_PORT: "{it.port}" }
          : { SPRING_DATA_REDIS_HOST: "{it.host}", SPRING_DATA_REDIS_PORT: "{it.port}" },
      rabbitmq: {
        SPRING_RABBITMQ_HOST: "{it.host}",
        SPRING_RABBITMQ_PORT: "{it.port}",
        SPRING_RABBITMQ_USERNAME: "{it.user}",
        SPRING_RABBITMQ_PASSWORD: "{it.password}",
      },
    }),
  },
];

/**
 * How the framework of a module takes where its backing services are; undefined when it has none that is known.
 *
 * @param dependencies the text in which the module says what it depends on, by the file's path
 * @param release the major release of Spring Boot, where it is known
 */
export function findConnections(dependencies: Found<string>, release: number | undefined): Connections | undefined {
  for (const { mark, variables } of FRAMEWORKS) {
    const found = mark.exec(dependencies.value);
    if (found !== null)
      return {
        variables: variables(dependencies.value, release),
        from: `${dependencies.from} depends on ${found[1] ?? found[2]}`,
      };
  }
  return undefined;
}
