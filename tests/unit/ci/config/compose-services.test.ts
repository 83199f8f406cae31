/** What a compose file says of the services of a repository, of shapes that people have. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSettings } from "../../../../ci/src/config/read-settings.ts";
import { findProjects } from "../../../../ci/src/languages/projects.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

type Files = Readonly<Record<string, string | undefined>>;

const look = (files: Files) => readSettings(undefined, outlineOf(files), findProjects);

const go = { "go.mod": "module example.com/shop/v2\n\ngo 1.26\n", "main.go": "package main\n" };
const pom = (name: string, ...depends: readonly string[]) =>
  `<project><artifactId>${name}</artifactId><dependencies>${depends.map((one) => `<dependency><artifactId>${one}</artifactId></dependency>`).join("")}</dependencies></project>`;

/** Services with their ports, as `name port`; backing services with their kinds, as `name: kind port`. */
function tell(files: Files): string[] {
  const { services, backing } = look(files);
  return [
    ...Object.entries(services).map(
      ([name, { port, needs }]) =>
        `${name} ${port ?? "worker"}${needs.length === 0 ? "" : ` needs ${needs.join(", ")}`}`,
    ),
    ...Object.entries(backing).map(([name, { kind, port }]) => `${name}: ${kind} ${port}`),
  ];
}

const compose = suite("services of a compose file");

const shapes: readonly (readonly [string, Files, readonly string[]])[] = [
  [
    "give a service without EXPOSE the port that is published first",
    {
      ...go,
      Dockerfile: "FROM a\n",
      "compose.yaml": "services: { web: { build: ., ports: ['80:9000', '81:9001'] } }\n",
    },
    ["web 9000"],
  ],
  [
    "do not take the place of EXPOSE",
    {
      ...go,
      Dockerfile: "FROM a\nEXPOSE 7000\n",
      "compose.yaml": "services: { web: { build: ., ports: ['80:9000'] } }\n",
    },
    ["web 7000"],
  ],
  [
    "give the first port of a range",
    { ...go, "compose.yaml": "services: { many: { image: 'a/many:1', ports: ['7000-7005:7000-7005'] } }\n" },
    ["shop worker", "many: other 7000"],
  ],
  [
    "that are images of this repository are no backing services",
    {
      "pom.xml":
        "<project><artifactId>top</artifactId><modules><module>orders</module><module>billing</module></modules></project>",
      "orders/pom.xml": pom("orders", "spring-boot-starter-web"),
      "billing/pom.xml": pom("billing-app", "spring-boot-starter-web"),
      "compose.yaml":
        "services: { orders: { image: 'registry:5000/shop/orders:1-SNAPSHOT', depends_on: [cache] }, bills: { image: billing-app, ports: ['80:9000'] }, cache: { image: 'redis:8' } }\n",
    },
    ["bills 8080", "orders 8080 needs cache", "cache: redis 6379"],
  ],
  [
    "that are images of this repository need what they are linked to",
    {
      ...go,
      "compose.yaml":
        "services: { web: { image: 'acme/shop:1', links: ['db:database', 'cache'] }, db: { image: 'postgres:17' }, cache: { image: 'redis:8' } }\n",
    },
    ["web worker needs db, cache", "db: postgres 5432", "cache: redis 6379"],
  ],
  [
    "need what they are linked to and depend on, each once",
    {
      ...go,
      "compose.yaml":
        "services: { web: { build: ., depends_on: [db], links: [db, cache, nobody] }, db: { image: 'postgres:17' }, cache: { image: 'redis:8' } }\n",
    },
    ["web worker needs db, cache", "db: postgres 5432", "cache: redis 6379"],
  ],
  [
    "that others wait for to have ended are no backing services",
    {
      ...go,
      "compose.yaml":
        "services: { topics: { image: 'a/kafka:8', depends_on: [broker] }, broker: { image: 'apache/kafka:4.1.1' }, web: { build: ., ports: ['80:9000'], depends_on: { broker: { condition: service_healthy }, topics: { condition: service_completed_successfully } } } }\n",
    },
    ["web 9000 needs broker", "broker: kafka 9092"],
  ],
  [
    "know the brokers of Confluent, and what only makes topics",
    {
      ...go,
      "compose.yaml":
        "services: { broker: { image: 'confluentinc/cp-server:8' }, topics: { image: 'confluentinc/cp-kafka:8', command: 'bash -c \"kafka-topics --create --topic a\"', ports: ['1000'] } }\n",
    },
    ["shop worker", "broker: kafka 9092", "topics: other 1000"],
  ],
];

/** Services of one folder that a compose file tells apart, as their builds. */
const builds = (files: Files) =>
  Object.fromEntries(Object.entries(look(files).services).map(([name, { build, port }]) => [name, { ...build, port }]));

compose("are told apart by their Dockerfiles", () => {
  const files = {
    "a.Dockerfile": "FROM a\nEXPOSE 80\n",
    "b.Dockerfile": "FROM a\nARG PART\nCOPY $PART .\n",
    "compose.yaml":
      "services: { one: { build: { context: ., dockerfile: a.Dockerfile }, ports: ['8080:80'] }, two: { build: { dockerfile: ./b.Dockerfile, args: { PART: two, OTHER: x } } } }\n",
  };
  assert.equal(builds(files), {
    one: { dockerfile: "a.Dockerfile", context: ".", args: {}, port: 80 },
    two: { dockerfile: "b.Dockerfile", context: ".", args: { PART: "two" }, port: undefined },
  });
});

compose("are told apart by what is started in one image, behind its entrypoint", () => {
  const files = {
    Dockerfile: 'FROM python:3.12\nENTRYPOINT ["celery"]\nCMD ["flower"]\nEXPOSE 5555\n',
    "compose.yaml":
      "services: { web: { build: ., command: '-A tasks flower --name \"a b\"', ports: ['5555:5555'] }, worker: { build: ./, command: [-A, tasks, worker] }, beat: { build: ., entrypoint: celery, command: beat } }\n",
  };
  assert.equal(builds(files), {
    web: {
      dockerfile: "Dockerfile",
      context: ".",
      args: {},
      start: ["celery", "-A", "tasks", "flower", "--name", "a b"],
      port: 5555,
    },
    worker: {
      dockerfile: "Dockerfile",
      context: ".",
      args: {},
      start: ["celery", "-A", "tasks", "worker"],
      port: undefined,
    },
    beat: { dockerfile: "Dockerfile", context: ".", args: {}, start: ["celery", "beat"], port: undefined },
  });
});

compose("are told apart by stages, and by lines for a shell", () => {
  const files = {
    Dockerfile: "FROM a AS web\nFROM a AS job\n",
    "compose.yaml":
      "services: { web: { build: { context: ., target: web }, expose: [80] }, job: { build: { context: ., target: job }, command: 'migrate && work' } }\n",
  };
  assert.equal(builds(files), {
    web: { dockerfile: "Dockerfile", context: ".", target: "web", args: {}, port: 80 },
    job: {
      dockerfile: "Dockerfile",
      context: ".",
      target: "job",
      args: {},
      start: ["/bin/sh", "-c", "migrate && work"],
      port: undefined,
    },
  });
});

compose("keep the command and the stage of the image when they are alone: a compose file is for development", () => {
  const files = {
    Dockerfile: "FROM a AS dev\nFROM a\nEXPOSE 80\n",
    "compose.yaml": "services: { web: { build: { context: ., target: dev }, command: run --reload } }\n",
  };
  assert.equal(builds(files), { web: { dockerfile: "Dockerfile", context: ".", args: {}, port: 80 } });
});

compose("lie where their Dockerfile does, and are built from the folder that the file says", () => {
  const files = {
    "api/Dockerfile": "FROM a\nCOPY api/a.js .\nEXPOSE 80\n",
    "api/a.js": undefined,
    "web/Dockerfile": "FROM a\nCOPY web/a.js .\nEXPOSE 81\n",
    "web/a.js": undefined,
    "compose.yaml":
      "services: { backend: { build: { context: ., dockerfile: api/Dockerfile }, environment: [A=b] }, front: { build: { context: ., dockerfile: web/Dockerfile } } }\n",
  };
  assert.equal(builds(files), {
    backend: { dockerfile: "api/Dockerfile", context: ".", args: {}, port: 80 },
    front: { dockerfile: "web/Dockerfile", context: ".", args: {}, port: 81 },
  });
  assert.equal(look(files).services["backend"]?.env, { A: "b" });
});

for (const [what, files, said] of shapes) compose(what, () => assert.equal(tell(files), said));

compose("say why a port is the one that it is", () => {
  const files = {
    ...go,
    Dockerfile: "FROM a\n",
    "compose.yaml": "services: { web: { build: ., ports: ['80:9000'] } }\n",
  };
  assert.is(look(files).decisions.of(["services", "web", "port"]).from, "compose.yaml services.web.ports");
});

const names = suite("names of services");

/** Where a Dockerfile lies, and the services that are found. */
const places: readonly (readonly [string, readonly string[]])[] = [
  ["services/cart/src", ["cart"]],
  ["billing/docker", ["billing"]],
  ["deploy", ["deploy"]],
  ["integration-test", []],
  ["e2e-tests", []],
  ["api/test", []],
  ["benchmarks", []],
  ["latest", ["latest"]],
];

for (const [place, said] of places) {
  names(`are ${said.length === 0 ? "not made" : said[0]} of ${place}/Dockerfile`, () => {
    const files = { [`${place}/Dockerfile`]: "FROM a\n", ...go };
    assert.equal(
      Object.keys(look(files).services).filter((name) => name !== "shop"),
      said,
    );
  });
}

names("leave out the major version of a module of Go", () =>
  assert.equal(
    ["module example.com/shop/v2", "module gopkg.in/shop.v3", "module shop", "module v2"].map(
      (line) => look({ ...go, "go.mod": `${line}\n` }).product,
    ),
    ["shop", "shop", "shop", "v2"],
  ),
);

compose.run();
names.run();
