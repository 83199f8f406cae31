import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refusalOf, settingsOf } from "./found.ts";

const good = `
product: flights
services:
  ingest: { port: 8080, needs: [kafka] }
  dashboard: { port: 8081, needs: [kafka, ingest] }
front: { dashboard: 8080 }
checks:
  lint: [a]
  unit: [b, c]
  integration: [d]
`;

const NAME =
  "expected lower case letters, digits and dashes, 31 at most, beginning with a letter and not ending with a dash";
const VARIABLE = "expected letters, digits and underscores, not beginning with a digit";

/** A repository with a folder for each service, and commands for the checks. */
const files = {
  "package.json": "{}",
  "services/ingest/package.json": "{}",
  "services/dashboard/package.json": "{}",
  "services/a/package.json": "{}",
  "services/b/package.json": "{}",
};

const readConfig = (text: string) => settingsOf(files, text);
const problemsIn = (text: string) => refusalOf(files, text);

const config = suite("slipway.yaml");

config("fills in what may be left out", () => {
  const read = readConfig(good.replace(", needs: [kafka] }", " }"));
  assert.equal(read.services["ingest"], {
    path: "services/ingest",
    kind: "service",
    port: 8080,
    probe: "/",
    build: { language: "node" },
    needs: [],
    env: {},
    tell: { INGEST_URL: "{ingest.url}" },
  });
  assert.equal(read.checks["unit"], {
    run: [["b", "c"]],
    path: ".",
    language: "node",
    reads: { include: ["**"], exclude: ["**/node_modules"] },
    needs: [],
    env: {},
    stage: "fast",
    reports: {},
    timeoutSeconds: 1800,
  });
});

config("refuses to take away a check that nobody has found, with the name that was perhaps meant", () => {
  assert.is(
    problemsIn("services: { ingest: { port: 1 } }\nchecks: { lnit: false, integration: false, unit-web: false }\n"),
    [
      "slipway.yaml cannot be used [bad-config]:",
      "  2:11 checks.lnit: takes nothing away: there is no check lnit; expected one of lint, unit, integration; perhaps lint was meant",
    ].join("\n"),
  );
});

for (const [what, secret] of [
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
  ["a key of AWS", `AKIA${"A1".repeat(8)}`],
  ["a token of GitHub", `ghp_${"a1".repeat(18)}`],
  ["a token of GitHub", `github_pat_${"a1_".repeat(20)}`],
  ["a token of GitLab", `glpat-${"a1".repeat(10)}`],
  ["a token of Slack", `xoxb-${"1".repeat(12)}`],
  ["a token of npm", `npm_${"a1".repeat(18)}`],
  ["a key of Google", `AIza${"a".repeat(35)}`],
  ["a key of Stripe", `sk_live_${"a".repeat(24)}`],
  ["a signed token (JWT)", `eyJ${"a".repeat(20)}.eyJ${"a".repeat(20)}.${"a".repeat(43)}`],
] as const) {
  config(`refuses ${what} as ${secret.slice(0, 11)}… in every place for variables, and does not show it again`, () => {
    const value = JSON.stringify(`x ${secret}`);
    const told = problemsIn(`services:
  ingest: { port: 1, env: { A: ${value} } }
  a: { kind: worker, build: { dockerfile: services/a/package.json, args: { B: ${value} } } }
checks: { lint: { run: x, env: { C: ${value} } } }
backing: { db: { image: x, port: 1, env: { D: ${value} } } }
`);
    const rest = `cannot be used: it is ${what}, and everybody with the repository can read it; revoke it where it was issued, and create a new one in the ring as a Secret`;
    assert.is(
      told.replace(/ {2}\d+:\d+ /g, ""),
      [
        "slipway.yaml cannot be used [bad-config]:",
        `services.ingest.env.A: ${rest}`,
        `services.a.build.args.B: ${rest}`,
        `checks.lint.env.C: ${rest}`,
        `backing.db.env.D: ${rest}`,
      ].join("\n"),
    );
  });
}

config("reads how a service counts its requests, and says what is wrong with it", () => {
  const withMetrics = (rule: string) => good.replace("needs: [kafka] }", `needs: [kafka], metrics: ${rule} }`);
  const read = readConfig(withMetrics('{ port: 9090, requests: http_requests_total, failed: { code: "5.." } }'));
  assert.equal(read.services["ingest"]?.metrics, {
    port: 9090,
    path: "/metrics",
    requests: "http_requests_total",
    failed: { code: "5.." },
  });
  assert.is(
    problemsIn(
      withMetrics('{ port: 0, requests: a b, failed: { status: "[" }, except: { "5..": status }, errors: x }'),
    ),
    [
      "slipway.yaml cannot be used [bad-config]:",
      "  4:58 services.ingest.metrics.port: expected a whole number from 1 to 65535; found 0",
      "  4:71 services.ingest.metrics.requests: expected the name of a counter; found a b",
      '  4:94 services.ingest.metrics.failed.status: expected a regular expression, for example 5..; found "["',
      "  4:118 services.ingest.metrics.except.5..: expected the name of a label; found status",
      "  4:128 services.ingest.metrics.errors: unknown; expected one of port, path, requests, failed, except",
    ].join("\n"),
  );
});

config("lists every problem, each with the path of the value", () => {
  const text = good
    .replace("product: flights", "product: My Flights")
    .replace("port: 8080", "port: 80800")
    .replace("lint: [a]", "lint: []\n  manifests: [x]");
  assert.is(
    problemsIn(text),
    [
      "slipway.yaml cannot be used [bad-config]:",
      `  2:10 product: ${NAME}; found My Flights`,
      "  4:19 services.ingest.port: expected a whole number from 1 to 65535; found 80800",
      "  8:9 checks.lint: expected a program and its arguments; found an empty list",
      "  9:3 checks.manifests: cannot be used: a function of Slipway has this name",
    ].join("\n"),
  );
});

config("says which services there are when a name is wrong", () => {
  const text = good.replace("front: { dashboard:", "front: { dashbord:").replace("[kafka, ingest]", "[kafka, injest]");
  assert.is(
    problemsIn(text),
    [
      "slipway.yaml cannot be used [bad-config]:",
      "  5:43 services.dashboard.needs.1: there is no service injest; expected one of kafka, postgres, redis, rabbitmq, ingest; perhaps ingest was meant",
      "  6:10 front.dashbord: there is no service dashbord; expected one of ingest, dashboard; perhaps dashboard was meant",
    ].join("\n"),
  );
});

config("refuses two services at one port of the laptop", () => {
  const text = good.replace("{ dashboard: 8080 }", "{ dashboard: 8080, ingest: 8080 }");
  assert.is(
    problemsIn(text),
    "slipway.yaml cannot be used [bad-config]:\n  6:35 front.ingest: expected a port other than that of dashboard; found 8080 again",
  );
});

config("refuses services that need each other in a circle", () => {
  const text = good.replace("needs: [kafka] }", "needs: [dashboard] }");
  assert.is(
    problemsIn(text),
    "slipway.yaml cannot be used [bad-config]:\n  4:3 services: these need each other in a circle: ingest -> dashboard -> ingest",
  );
});

config("keeps the name kafka for the broker", () => {
  const text = good.replace("  ingest:", "  kafka: { port: 1 }\n  ingest:");
  assert.match(problemsIn(text), "  4:3 services.kafka: cannot be used: this name belongs to the broker");
});

config("says where the YAML itself is broken", () => {
  assert.is(
    problemsIn("product: [a\n"),
    "slipway.yaml cannot be used [bad-config]:\n  2:1 (top): Flow sequence in block collection must be sufficiently indented and end with a ]",
  );
});

config("says how the indentation is put right", () => {
  assert.is(
    problemsIn("services:\n  a:\n  path: .\n    port: 3000\n"),
    "slipway.yaml cannot be used [bad-config]:\n  3:9 (top): Nested mappings are not allowed in compact mappings; indent this line like the names beside it\n  3:9 (top): Implicit keys need to be on a single line",
  );
  assert.is(
    problemsIn("services:\n\ta: {}\n"),
    "slipway.yaml cannot be used [bad-config]:\n  2:1 (top): Tabs are not allowed as indentation; use spaces",
  );
});

/** `good` with its first service as it is given here, in line 4. */
const withService = (text: string) =>
  good.replace("  ingest: { port: 8080, needs: [kafka] }", text).replace(", ingest]", "]");
const withEnv = (env: string) => withService(`  a: { port: 1, env: { ${env} } }`);
const withRing = (rules: string) => `${good}rings: { a: { ${rules} } }\n`;
const digits = "can be read as several numbers; write it in plain digits, or between quotes if it is text";

const refused: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "names in another form",
    `${withService("  my_service: { port: 0 }\n  2fast: { port: 1 }\n  a-: { port: 1 }")}rings: { Canary: { replicas: 0 } }\n`,
    [
      `  4:3 services.my_service: ${NAME}`,
      "  4:23 services.my_service.port: expected a whole number from 1 to 65535; found 0",
      `  5:3 services.2fast: ${NAME}`,
      `  6:3 services.a-: ${NAME}`,
      `  13:10 rings.Canary: ${NAME}`,
      "  13:30 rings.Canary.replicas: expected a whole number from 1 to 1000; found 0",
    ],
  ],
  [
    "a name of more than 31 characters",
    withService(`  ${"a".repeat(32)}: { port: 1 }`),
    [`  4:3 services.${"a".repeat(32)}: ${NAME}`],
  ],
  [
    "a service with the name of another one's pods",
    withService("  a: { port: 1 }\n  a-green: { port: 1 }"),
    ["  5:3 services.a-green: cannot be used: service a has its pods under this name"],
  ],
  [
    "a ring in the namespaces of Kubernetes",
    `${good}rings: { kube-system: {} }\n`,
    ["  11:10 rings.kube-system: cannot be used: Kubernetes keeps kube-…"],
  ],
  [
    "variables in another form",
    withEnv('"A=B": x, "": y, 2A: z, PORT: "1"'),
    [
      `  4:24 services.a.env.A=B: ${VARIABLE}`,
      `  4:34 services.a.env."": the name is empty; ${VARIABLE}`,
      `  4:41 services.a.env.2A: ${VARIABLE}`,
      "  4:48 services.a.env.PORT: cannot be used: PORT is given by the service's port",
    ],
  ],
  [
    "values that are no text, as they are written",
    withEnv("A: 1.10, B: true, C: ~, D:"),
    [
      "  4:27 services.a.env.A: expected text; found 1.10 (put it between quotes)",
      "  4:36 services.a.env.B: expected text; found true (put it between quotes)",
      "  4:45 services.a.env.C: expected text; found ~",
      "  4:51 services.a.env.D: expected text; found nothing",
    ],
  ],
  [
    "rings after what every object has",
    `${good}rings: { a: { after: constructor }, bb: { after: aa } }\n`,
    [
      "  11:22 rings.a.after: constructor cannot be used as a name; found constructor",
      "  11:22 rings.a.after: there is no ring constructor; expected one of bb",
      "  11:50 rings.bb.after: there is no ring aa; expected one of a; perhaps a was meant",
    ],
  ],
  [
    "unknown tags",
    withEnv("TOKEN: !env API_TOKEN, B: !!binary aGk="),
    [
      "  4:36 services.a.env.TOKEN: unknown tag !env; write the value itself",
      "  4:59 services.a.env.B: unknown tag !!binary; write the value itself",
    ],
  ],
  [
    "names that would vanish",
    `${withEnv("__proto__: x").replace("front: {", "front: { __proto__: 1,")}rings: { __proto__: {}, constructor: {} }\n`,
    [
      "  4:24 services.a.env.__proto__: __proto__ cannot be used as a name",
      "  6:10 front.__proto__: __proto__ cannot be used as a name",
      "  11:10 rings.__proto__: __proto__ cannot be used as a name",
      "  11:25 rings.constructor: constructor cannot be used as a name",
    ],
  ],
  [
    "an alias without its anchor",
    withService("  a: *nobody"),
    ["  4:6 services.a: unknown alias *nobody; its anchor &nobody has to come before"],
  ],
  [
    "an alias that refers to itself",
    withService("  a: { port: 1, needs: &n [*n] }"),
    ["  4:27 services.a.needs.0: refers to itself by an alias"],
  ],
  [
    "merge keys",
    `${good}rings: { a: &base { replicas: 3 }, b: { <<: *base, after: a } }\n`,
    ["  11:41 rings.b.<<: merge keys (<<) are not in YAML 1.2: write out the keys in each place"],
  ],
  [
    "numbers out of bounds",
    withRing("bakeSeconds: 9000000000000, crashLimit: 1.5, gate: { maxErrorShare: .inf, minRequests: '20' }"),
    [
      "  11:28 rings.a.bakeSeconds: expected a whole number from 0 to 604800; found 9000000000000",
      "  11:55 rings.a.crashLimit: expected a whole number from 1 to 1000; found 1.5",
      "  11:83 rings.a.gate.maxErrorShare: expected a share from 0 to 1, such as 0.01; found .inf",
      '  11:102 rings.a.gate.minRequests: expected a whole number from 0 to 1000000; found "20"',
    ],
  ],
  [
    "numbers that mean several things",
    withRing("replicas: 010, bakeSeconds: 1e3, leaseSeconds: 0x3C, crashLimit: -0"),
    [
      `  11:25 rings.a.replicas: 010 ${digits}`,
      `  11:43 rings.a.bakeSeconds: 1e3 ${digits}`,
      `  11:62 rings.a.leaseSeconds: 0x3C ${digits}`,
      `  11:80 rings.a.crashLimit: -0 ${digits}`,
    ],
  ],
  [
    "a word that is nearly one of those that may stand there",
    withRing("strategy: rollling"),
    ["  11:25 rings.a.strategy: expected blue-green or rolling; found rollling; perhaps rolling was meant"],
  ],
  [
    "words of YAML 1.1",
    withRing("approvals: { separation: yes }"),
    ["  11:40 rings.a.approvals.separation: expected true or false; found yes"],
  ],
  ["YAML 1.1 itself", `%YAML 1.1\n---${good}`, ["  1:1 (top): %YAML 1.1 is another language: delete this line"]],
  ["a key twice", `${good}product: other\n`, ["  11:1 product: appears twice"]],
  [
    "several documents",
    `${good}---\nproduct: other\n`,
    ["  11:1 (top): expected one document; another one begins here (---)"],
  ],
  ["a list", "- a\n", ["  1:1 (top): expected a mapping of names to values; found a list"]],
  [
    "bytes that are not UTF-8",
    good.replace("flights", "fl\uFFFDghts"),
    ["  2:12 (top): holds bytes that are not UTF-8: save the file as UTF-8"],
  ],
  [
    "control characters",
    good.replace("flights", "fl\u0007ghts"),
    ['  2:12 (top): holds the control character "\\u0007"'],
  ],
  [
    "half a character, and zero",
    withEnv('A: "\\ud800", B: "\\0"'),
    [
      "  4:27 services.a.env.A: holds half of a character (a lone surrogate)",
      "  4:40 services.a.env.B: holds a zero character",
    ],
  ],
  [
    "keys that are no names",
    withService("  ? [a]\n  : { port: 1 }\n  1: { port: 1 }"),
    [
      "  4:5 services.?: expected a name before the colon, found a list, a mapping or an alias",
      `  6:3 services.1: ${NAME}`,
    ],
  ],
  [
    "what is missing, with what stands in its place",
    good
      .replace("port: 8080", "prot: 8080")
      .replace("checks:", "cheks:")
      .replace("front: { dashboard: 8080 }", "front:"),
    [
      "  4:13 services.ingest.prot: unknown; expected one of path, kind, port, probe, build, needs, env, tell, metrics; perhaps port was meant",
      "  6:7 front: expected a mapping of names to values; found nothing",
      "  7:1 cheks: unknown; expected one of product, services, backing, compose, front, checks, projects, images, rings, approvals, providers; perhaps checks was meant",
    ],
  ],
  [
    "paths that lead out of the service",
    withService("  a: { port: 1, probe: /x/../../secrets }"),
    ["  4:24 services.a.probe: expected a path, beginning with /, without # and ..; found /x/../../secrets"],
  ],
  ["brackets without an end", "[".repeat(200_000), ["  1:1 (top): is nested too deeply"]],
  ["dashes without an end", "- ".repeat(100_000), ["  1:1 (top): is nested too deeply"]],
];

for (const [what, text, lines] of refused) {
  config(`refuses ${what}`, () => {
    assert.is(problemsIn(text), ["slipway.yaml cannot be used [bad-config]:", ...lines].join("\n"));
  });
}

config("refuses aliases that grow without end", () => {
  const levels = [..."bcdefgh"].map(
    (name, at) => `${name}: &${name} [${Array(10).fill(`*${"abcdefg"[at]}`).join(", ")}]`,
  );
  const text = ["a: &a [x, x, x, x, x, x, x, x, x, x]", ...levels].join("\n");
  assert.match(problemsIn(text), /\n {2}1:14 e\.0\.5: holds more than 20000 values, aliases counted each time\n/);
});

config("takes a byte order mark, Windows' line ends, and aliases of what came before", () => {
  const read = readConfig(`\uFEFF${withService("  a: &one { port: 1 }\n  b: *one")}`.replaceAll("\n", "\r\n"));
  assert.is(read.services["b"]?.port, 1);
});

config.run();
