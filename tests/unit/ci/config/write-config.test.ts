import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { asFile, writeConfig } from "../../../../ci/src/config/write-config.ts";
import { settingsOf } from "./found.ts";

/** `fc.assert` for properties without waiting, which say so in their type. */
const check: <T>(property: fc.IProperty<T>, options: fc.Parameters<T>) => void = fc.assert;

const files = {
  "package.json": '{ "name": "shop", "scripts": { "lint": "x", "test": "y", "start": "z" }, "port": 3000 }',
  "api/pyproject.toml": "",
  "api/Dockerfile": "EXPOSE 80",
  "db/schema.sql": undefined,
  "compose.yaml":
    "services: { cache: { image: redis:7 }, api: { build: api, depends_on: [cache], environment: [A=b] } }",
  "charts/x/Chart.yaml": "",
};

/** Any text of a person, also what YAML would read as something else, or not at all when it stood there plainly. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((value) => !/[{}\0]/.test(value)),
  fc.constantFrom(
    "1.10",
    "true",
    "null",
    "~",
    "0x1F",
    "2026-01-01",
    "- a",
    "a: b",
    "# c",
    "'",
    '"',
    "\n",
    "\t",
    "\u0085",
    "\ufeff",
    "*a",
    "&a",
    "!a",
    "%",
    "30m",
    "off",
  ),
);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const needs = fc.uniqueArray(fc.constantFrom("kafka", "postgres", "redis", "rabbitmq", "cache"), { maxLength: 3 });
const env = fc.dictionary(
  fc.constantFrom("A", "B_1", "url"),
  fc.oneof(text, fc.constantFrom("{kafka}", "{postgres.url}", "{{kafka}}")),
);
const command = fc.array(text, { minLength: 1, maxLength: 3 });

const service = fc.record(
  {
    port: fc.integer({ min: 1, max: 65_535 }),
    path: fc.constantFrom(".", "api"),
    probe: fc.constantFrom("/", "/ready"),
    build: fc.oneof(
      fc.constant({ image: "ghcr.io/acme/x:1" }),
      fc.constant({ dockerfile: "api/Dockerfile", context: "." }),
      fc.record({ start: command }),
    ),
    needs,
    env,
    tell: optional(fc.dictionary(fc.constantFrom("T", "U"), text)),
  },
  { requiredKeys: ["port", "path"] },
);

const worker = fc.record(
  { kind: fc.constantFrom("worker", "job"), path: fc.constantFrom(".", "api"), needs, env },
  { requiredKeys: ["kind", "path"] },
);

const checkSettings = fc.oneof(
  fc.constant(false),
  text,
  command,
  fc.record(
    {
      run: fc.oneof(text, command, fc.array(command, { minLength: 1, maxLength: 2 })),
      image: fc.constant("debian:12"),
      reads: fc.oneof(fc.constant(["**"]), fc.constant({ exclude: ["api/**"] })),
      needs,
      env,
      stage: fc.constantFrom("fast", "slow"),
      timeout: fc.oneof(fc.constantFrom("90s", "10m", "24h"), fc.integer({ min: 1, max: 86_400 })),
    },
    { requiredKeys: ["run"] },
  ),
);

const ring = fc.record(
  {
    replicas: fc.integer({ min: 1, max: 9 }),
    gate: fc.record({ maxErrorShare: fc.constantFrom(0, 0.01, 1) }, { requiredKeys: [] }),
    manifests: fc.constantFrom("db", "charts/x"),
    rules: fc.constantFrom("restricted", "basic", "off"),
  },
  { requiredKeys: [] },
);

const file = fc.record(
  {
    product: fc.constantFrom("a", "my-shop"),
    services: fc.dictionary(fc.constantFrom("web", "worker-1", "c"), fc.oneof(service, worker), { maxKeys: 3 }),
    backing: fc.record({ postgres: fc.constant({ sql: ["db"], password: "1.0" }) }, { requiredKeys: [] }),
    compose: fc.constantFrom("compose.yaml"),
    checks: fc.dictionary(fc.constantFrom("lint", "unit", "extra"), checkSettings, { maxKeys: 3 }),
    projects: fc.constantFrom({ ".": { manager: "npm" } }, { api: {} }),
    rings: fc.record({ canary: ring, live: ring }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const written = suite("writeConfig");

written("writes what is read again as the same settings, whatever the file says", () => {
  let refused = 0;
  let tried = 0;
  check(
    fc.property(file, (data) => {
      tried += 1;
      let first: ReturnType<typeof settingsOf>;
      try {
        // JSON is YAML.
        first = settingsOf(files, JSON.stringify(data).replaceAll(/[\u007f-\u009f\ufeff\ufffd]/g, toEscape));
      } catch {
        refused += 1;
        return;
      }
      const again = settingsOf(files, writeConfig(first));
      assert.equal(asFile(again), asFile(first));
    }),
    { numRuns: 150 },
  );
  assert.ok(refused < tried / 3, `${refused} of ${tried} were refused`);
});

written("says of every line of a value where it is from", () => {
  const lines = writeConfig(settingsOf(files)).trimEnd().split("\n");
  assert.equal(
    lines.filter((line) => !line.startsWith("#") && !/:$| # \S/.test(line)),
    [],
  );
});

function toEscape(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

written.run();
