/** A room: a folder, or a file at the top of its part. */
export interface Room {
  readonly holds: string;
  /** The other rooms that its files import, all of them. */
  readonly imports: readonly string[];
}

/** Code that imports nothing from the other parts, and in which no file imports itself by way of others. */
export interface Part {
  readonly title: string;
  /** The folder of its rooms, from the top of the repository. */
  readonly folder: string;
  readonly rooms: Readonly<Record<string, Room>>;
}

function room(holds: string, ...imports: string[]): Room {
  return { holds, imports };
}

/**
 * Who may import whom: the one table of it. `arrows.test.ts` holds the code to it, and docs/architecture.md is printed
 * from it by `npm run arrows`.
 */
export const PARTS: readonly Part[] = [
  {
    title: "The pipeline",
    folder: "ci/src",
    rooms: {
      index: room(
        "the main object: arguments, defaults, help text. Thin",
        "checkout",
        "checks",
        "config",
        "delivery",
        "init",
        "product",
        "service-images",
        "tool-images",
      ),
      checks: room(
        "runs any check, and what the checks report",
        "account",
        "checkout",
        "config",
        "input",
        "languages",
        "manifests",
        "product",
        "providers",
        "repository",
        "outcomes",
        "rollout",
        "table",
      ),
      outcomes: room("what checks came to, in the forms that CI systems read"),
      delivery: room(
        "the verbs, the deployer that carries out what `rollout` decides, what it measures, its reports",
        "account",
        "attestations",
        "checkout",
        "cluster",
        "config",
        "git",
        "input",
        "manifests",
        "rollout",
        "table",
      ),
      product: room(
        "services, brokers and databases put together, and what a person opens",
        "account",
        "checkout",
        "config",
        "input",
        "service-images",
        "tool-images",
      ),
      "service-images": room(
        "builds, measures and publishes the images of services, writes the release file",
        "account",
        "attestations",
        "checkout",
        "config",
        "git",
        "input",
        "languages",
        "repository",
        "rollout",
        "table",
        "tool-images",
      ),
      attestations: room(
        "what images carry in their registry: statements, signatures and lists of packages, how they come there, and whether they hold ([attestations.md](attestations.md))",
        "account",
        "input",
        "rollout",
        "tool-images",
        "version",
      ),
      checkout: room(
        "the caller's repository with what it is configured to be",
        "account",
        "config",
        "languages",
        "repository",
      ),
      languages: room(
        "how each language is found, installed and built",
        "account",
        "input",
        "repository",
        "tool-images",
      ),
      init: room(
        "what makes a repository one of Slipway's: a proposal for `slipway.yaml`, manifests for new rings, and what is left as it is",
        "account",
        "checkout",
        "config",
        "input",
        "languages",
        "providers",
        "repository",
        "rollout",
        "table",
        "tool-images",
        "version",
      ),
      providers: room(
        "the pipeline as one description, and the files of each CI system from it: pure functions of the settings ([providers](providers/README.md))",
        "config",
        "input",
        "rollout",
        "tool-images",
        "version",
      ),
      manifests: room(
        "what kustomize prints, and the rules that manifests are held to",
        "account",
        "config",
        "input",
        "rollout",
        "tool-images",
      ),
      config: room(
        "`slipway.yaml` over what is found: `text.ts` reads the YAML, `file-schema.ts` says what may stand there, `read-settings.ts` makes the settings that count; every problem with line, column and path",
        "account",
        "input",
        "languages",
        "repository",
        "rollout",
        "table",
        "tool-images",
      ),
      rollout: room(
        "decides: pure functions of what was seen in a ring ([delivery.md](delivery.md))",
        "account",
        "input",
      ),
      git: room("what is asked about commits", "account", "tool-images"),
      cluster: room("kubectl, and what its answers mean", "account", "input", "tool-images"),
      repository: room("what is read of a repository to find out what it is"),
      input: room(
        "values as people and machines write them: names, references of images, records; every problem with its path",
        "account",
      ),
      version: room("the version of Slipway"),
      "tool-images": room("every image and its version, once"),
      table: room("the columns of a report"),
      account: room("what every message says: what happened, where, what to do", "codes"),
      codes: room("the reasons why something was not done, once: [their names](reference/errors.md) stand in messages"),
    },
  },
  {
    title: "The embedded engine",
    folder: "engine/src",
    rooms: {
      cli: room(
        "commands, flags, help, progress, output",
        "api",
        "go-texts",
        "image",
        "module",
        "pack",
        "protocol",
        "run",
        "store",
        "trace",
        "upkeep",
      ),
      trace: room("keeps what a run did and shows it ([trace.md](trace.md))", "api", "store"),
      pack: room(
        "carries what another machine can use of a store there, in a file ([store.md](store.md#carry-it-to-another-machine))",
        "image",
        "store",
        "upkeep",
      ),
      upkeep: room("keeps the store within its limit ([store.md](store.md))", "run", "store"),
      module: room("finds, registers and runs a TypeScript module", "api", "go-texts", "run", "store"),
      protocol: room("the GraphQL session server", "api"),
      api: room("one file for each Dagger type", "dockerfile", "go-texts", "image", "run", "store"),
      dockerfile: room("reads Dockerfiles and plans their stages: pure functions of the text", "go-texts"),
      "go-texts": room(
        "CSV, durations, numbers, paths and truth values as Go reads and prints them, and how far words are from each other",
      ),
      run: room("processes in namespaces, network, services", "store"),
      image: room(
        "pulls and pushes images ([registries.md](registries.md)); recipes where no registry answers ([images.md](images.md))",
        "store",
      ),
      store: room("content-addressed snapshots, results, patterns ([what is in the store](store.md))"),
    },
  },
  {
    title: "The product",
    folder: "services",
    rooms: {
      ingest: room("takes readings in over HTTP", "build", "contracts", "kafka", "runtime"),
      processor: room("finds anomalies in what Kafka brings", "build", "contracts", "kafka", "runtime"),
      dashboard: room("shows what the others make of it", "build", "contracts", "kafka", "runtime"),
      kafka: room("producers and consumers as all services need them"),
      runtime: room("environment, log, end and management port of a service"),
      contracts: room("topics and the records in them"),
      build: room("one service as one file"),
    },
  },
];
