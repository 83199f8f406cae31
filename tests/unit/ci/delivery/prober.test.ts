/** What is measured of a release, from what a cluster answers: the words are kubectl's own for a real API server. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ClusterError } from "../../../../ci/src/cluster/cluster-error.ts";
import type { KubectlAnswer } from "../../../../ci/src/cluster/kubectl.ts";
import { Prober, type Reading } from "../../../../ci/src/delivery/prober.ts";
import type { Placement } from "../../../../ci/src/rollout/head.ts";
import { type KubeObject, LABEL } from "../../../../ci/src/rollout/objects.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import { referTo } from "../../../../ci/src/rollout/release.ts";
import { counterRuleSchema, judgeTraffic, listDoubts } from "../../../../ci/src/rollout/traffic.ts";
import { releaseOf } from "../rollout/fixtures.ts";

const placement: Placement = {
  release: releaseOf(2),
  colours: { ingest: "green", processor: "green" },
  verified: false,
};
const { id } = placement.release;

const COUNTERS = {
  ingest: counterRuleSchema.parse({ port: 8081, requests: "requests_total", failed: { status: "5.." } }),
  processor: undefined,
};

function service(name: string): KubeObject {
  const metadata = { name, resourceVersion: "1" };
  return { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ name: "http", port: 8080 }] } };
}

function pod(name: string, of: { service?: string; colour?: string; ready?: boolean } = {}): KubeObject {
  const labels = { [LABEL.service]: of.service ?? "ingest", [LABEL.colour]: of.colour ?? "green" };
  const image = referTo(placement.release, of.service ?? "ingest");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, resourceVersion: "1", labels },
    spec: { containers: [{ name: of.service ?? "ingest", image }] },
    status: { conditions: [{ type: "Ready", status: of.ready === false ? "False" : "True" }] },
  };
}

function readingOf(...pods: readonly KubeObject[]): Reading {
  const names = ["ingest", "processor", "ingest-green", "processor-green"];
  const items = [...names.map(service), ...pods];
  return { items, seen: observe(items) };
}

function counts(good: number, bad: number): KubectlAnswer {
  const stdout = `requests_total{status="202"} ${good}\nrequests_total{status="503"} ${bad}\n`;
  return { exitCode: 0, stdout, stderr: "" };
}

function refusal(stderr: string): KubectlAnswer {
  return { exitCode: 1, stdout: "", stderr };
}

const WELL: KubectlAnswer = { exitCode: 0, stdout: "ok", stderr: "" };

/** A Prober whose cluster gives these answers: to a path that is not named, that all is well. */
function proberWith(answers: Map<string, KubectlAnswer>) {
  const asked: string[] = [];
  let nowMs = Date.UTC(2026, 0, 1);
  const prober = new Prober({
    kubectl: {
      run: async (args) => {
        const path = args.find((arg) => arg.startsWith("--raw="))?.replace("--raw=/api/v1/namespaces/canary/", "");
        asked.push(path ?? "");
        return answers.get(path ?? "") ?? WELL;
      },
    },
    namespace: "canary",
    paths: { ingest: "/", processor: "/about" },
    counters: COUNTERS,
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { prober, asked, pass };
}

const path = (name: string) => `pods/${name}:8081/proxy/metrics`;

const measuring = suite("what is measured of a release");

measuring(
  "in the bake is what Slipway asks, by service, and what the new colour's ready pods have counted",
  async () => {
    const answers = new Map([
      [path("a"), counts(100, 1)],
      [path("b"), counts(10, 2)],
      [
        "services/http:processor:http/proxy/about",
        refusal("Error from server (NotFound): the server could not find it"),
      ],
    ]);
    const { prober, asked } = proberWith(answers);
    const pods = [pod("a"), pod("b"), pod("c", { ready: false }), pod("old", { colour: "blue" })];
    const reading = readingOf(...pods, pod("p", { service: "processor" }));
    assert.equal(await prober.measure("bake", placement, reading), {
      traffic: {
        release: id,
        asked: {
          ingest: { requests: 1, failures: 0 },
          processor: {
            requests: 1,
            failures: 1,
            failing: {
              inARow: 1,
              said: "Service processor, GET /about: Error from server (NotFound): the server could not find it",
            },
          },
        },
        counted: { ingest: { requests: 113, failures: 3 } },
        unread: [],
      },
    });
    assert.equal(asked.toSorted(), [
      path("a"),
      path("b"),
      "services/http:ingest:http/proxy/",
      "services/http:processor:http/proxy/about",
    ]);
  },
);

measuring("does not begin anew in a process that comes in later", async () => {
  const answers = new Map([[path("a"), counts(500, 0)]]);
  for (let process = 1; process <= 2; process += 1) {
    const { traffic } = await proberWith(answers).prober.measure("bake", placement, readingOf(pod("a")));
    assert.equal(traffic?.counted, { ingest: { requests: 500, failures: 0 } });
  }
});

measuring("keeps the counts of a container that was started anew, and of a pod that is gone", async () => {
  const answers = new Map([
    [path("a"), counts(100, 3)],
    [path("b"), counts(50, 0)],
  ]);
  const { prober, pass } = proberWith(answers);
  await prober.measure("bake", placement, readingOf(pod("a"), pod("b")));
  pass(5000);
  answers.set(path("a"), counts(7, 1));
  const { traffic } = await prober.measure("bake", placement, readingOf(pod("a")));
  assert.equal(traffic?.counted, { ingest: { requests: 103 + 8 + 50, failures: 4 } });
  pass(5000);
  answers.set(path("a"), counts(9, 1));
  const later = await prober.measure("bake", placement, readingOf(pod("a")));
  assert.equal(later.traffic?.counted, { ingest: { requests: 103 + 10 + 50, failures: 4 } });
});

measuring("reads a pod again after a while, and one that could not be read at once", async () => {
  const answers = new Map([
    [path("a"), counts(1, 0)],
    [path("b"), refusal("Error from server (NotFound): the server could not find the requested resource")],
  ]);
  const { prober, asked, pass } = proberWith(answers);
  const reads = () => asked.splice(0).filter((one) => one.startsWith("pods/"));
  const reading = readingOf(pod("a"), pod("b"));
  const { traffic } = await prober.measure("bake", placement, reading);
  assert.equal(traffic?.unread, [
    "counters of pod b, GET :8081/metrics: Error from server (NotFound): the server could not find the requested resource",
  ]);
  assert.equal(reads(), [path("a"), path("b")]);
  pass(2000);
  answers.set(path("b"), counts(2, 0));
  const again = await prober.measure("bake", placement, reading);
  assert.equal(reads(), [path("b")]);
  assert.equal(again.traffic?.unread, []);
  assert.equal(again.traffic?.counted, { ingest: { requests: 3, failures: 0 } });
  pass(3000);
  await prober.measure("bake", placement, reading);
  assert.equal(reads(), [path("a")]);
});

measuring("of many pods reads a dozen at a look, until all have had their turn", async () => {
  const pods = Array.from({ length: 30 }, (_, index) => pod(`p${index}`));
  const { prober, asked, pass } = proberWith(new Map(pods.map(({ metadata }) => [path(metadata.name), counts(1, 0)])));
  const unread: (readonly string[] | undefined)[] = [];
  for (let look = 0; look < 3; look += 1) {
    unread.push((await prober.measure("bake", placement, readingOf(...pods))).traffic?.unread);
    pass(2000);
  }
  assert.equal(unread, [
    ["counters of 18 pods have not been read yet"],
    ["counters of 6 pods have not been read yet"],
    [],
  ]);
  const reads = asked.filter((one) => one.startsWith("pods/"));
  assert.is(new Set(reads.slice(0, 30)).size, 30);
});

measuring("tells a counter that no pod has", async () => {
  const { prober } = proberWith(new Map([[path("a"), { exitCode: 0, stdout: "other_total 1\n", stderr: "" }]]));
  const { traffic } = await prober.measure("bake", placement, readingOf(pod("a")));
  assert.equal(traffic?.counted, { ingest: { requests: 0, failures: 0, unknown: "requests_total" } });
});

measuring("counters that cannot be read fail the candidate before the switch", async () => {
  const answers = new Map([[path("a"), { exitCode: 0, stdout: "<html>\n", stderr: "" }]]);
  const { prober, asked } = proberWith(answers);
  const { smoke } = await prober.measure("smoke", placement, readingOf(pod("a"), pod("p", { service: "processor" })));
  assert.is(smoke?.ok, false);
  assert.is(smoke?.detail, "counters of pod a, GET :8081/metrics: line 1 is not in Prometheus' text format: <html>");
  assert.is(asked.filter((one) => one === path("a")).length, 3);
  answers.set(path("a"), counts(1, 0));
  assert.is((await prober.measure("smoke", placement, readingOf(pod("a")))).smoke?.detail, "every service answered");
});

measuring("says nothing about the candidate when the cluster is silent", async () => {
  const silent = refusal(
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
  );
  const { prober } = proberWith(new Map([[path("a"), silent]]));
  assert.equal(await prober.measure("smoke", placement, readingOf(pod("a"))), {});
});

/** What kubectl says of a pod that hangs, and just so of an API server that does. */
const HANGING = refusal(
  "Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
);
const PROCESSOR = "services/http:processor:http/proxy/about";

/** Kubectl's words for a pod that was asked by the API server's way to it, each heard from a real one. */
const wrongs: readonly (readonly [string, string])[] = [
  ["hangs", HANGING.stderr],
  [
    "is not there",
    "Error from server (ServiceUnavailable): error trying to reach service: dial tcp 10.244.0.5:8080: i/o timeout",
  ],
  ["resets", "Error from server (ServiceUnavailable): error trying to reach service: read: connection reset by peer"],
  ["breaks off", "Unable to connect to the server: stream error: stream ID 1; INTERNAL_ERROR; received from peer"],
  ["breaks off later", "error: unexpected EOF"],
  [
    "hangs in its answer",
    "error: net/http: request canceled (Client.Timeout or context cancellation while reading body)",
  ],
  [
    "answers 401",
    "error: You must be logged in to the server (the server has asked for the client to provide credentials)",
  ],
  ["answers 403", "Error from server (Forbidden): unknown"],
  ["answers 409", "Error from server (Conflict): the server reported a conflict"],
  ["answers 422", "The request is invalid: : unknown"],
  [
    "answers 429",
    "Error from server (TooManyRequests): the server has received too many requests and has asked us to try again later",
  ],
  [
    "answers 500 with words of the network",
    'Error from server (InternalError): an error on the server ("dial tcp: i/o timeout") has prevented the request from succeeding',
  ],
  [
    "answers 502 with a page",
    'Error from server (InternalError): an error on the server ("<html></html>") has prevented the request from succeeding',
  ],
  ["answers 503", "Error from server (ServiceUnavailable): the server is currently unable to handle the request"],
  [
    "answers 504",
    "Error from server (Timeout): the server was unable to return a response in the time allotted, but may still be processing the request",
  ],
];

for (const [what, words] of wrongs) {
  measuring(`counts a request as failed when the service ${what}, while the API server answers`, async () => {
    const { prober } = proberWith(new Map([[PROCESSOR, refusal(words)]]));
    const { traffic } = await prober.measure("bake", placement, readingOf());
    const counted = traffic?.asked["processor"];
    assert.equal([counted?.requests, counted?.failures, counted?.failing?.inARow], [1, 1, 1]);
    assert.ok(counted?.failing?.said.endsWith(words), counted?.failing?.said);
  });
}

measuring("does not pass a release that hangs in the bake, however seldom it can be asked", async () => {
  const { prober } = proberWith(new Map([[PROCESSOR, HANGING]]));
  const gate = ringPolicySchema.parse({}).gate;
  const said = `Service processor, GET /about: no answer, while the API server answers: ${HANGING.stderr}`;
  for (const inARow of [1, 2]) {
    const { traffic } = await prober.measure("bake", placement, readingOf());
    assert.is(traffic && judgeTraffic(traffic, gate), undefined);
    assert.equal(traffic && listDoubts(traffic, gate), [`processor failed when last asked: ${said}`]);
    assert.is(traffic?.asked["processor"]?.failing?.inARow, inARow);
  }
  const { traffic } = await prober.measure("bake", placement, readingOf());
  assert.is(traffic && judgeTraffic(traffic, gate), `processor: the last 3 requests of Slipway failed: ${said}`);
});

measuring("forgets failures in a row once the service answers, but not their number", async () => {
  const answers = new Map([[PROCESSOR, HANGING]]);
  const { prober } = proberWith(answers);
  await prober.measure("bake", placement, readingOf());
  answers.delete(PROCESSOR);
  const { traffic } = await prober.measure("bake", placement, readingOf());
  assert.equal(traffic?.asked["processor"], { requests: 2, failures: 1 });
});

measuring("fails a candidate that hangs before the switch", async () => {
  const { prober } = proberWith(new Map([["services/http:ingest-green:http/proxy/", HANGING]]));
  const { smoke } = await prober.measure("smoke", placement, readingOf(pod("a")));
  assert.is(smoke?.detail, `Service ingest-green, GET /: no answer, while the API server answers: ${HANGING.stderr}`);
});

measuring("cannot read counters of a pod that hangs, and that is no silence of the cluster", async () => {
  const { prober } = proberWith(new Map([[path("a"), HANGING]]));
  const said = `counters of pod a, GET :8081/metrics: no answer, while the API server answers: ${HANGING.stderr}`;
  assert.is((await prober.measure("smoke", placement, readingOf(pod("a")))).smoke?.detail, said);
  assert.equal((await prober.measure("bake", placement, readingOf(pod("a")))).traffic?.unread, [said]);
});

measuring("counts nothing while the API server hangs itself, and lets no bake end so", async () => {
  const { prober } = proberWith(
    new Map([
      [PROCESSOR, HANGING],
      ["--raw=/version", HANGING],
    ]),
  );
  const { traffic } = await prober.measure("bake", placement, readingOf());
  const unasked = `Service processor, GET /about: ${HANGING.stderr}`;
  assert.equal(traffic?.asked["processor"], { requests: 0, failures: 0, unasked });
  assert.equal(traffic && listDoubts(traffic, ringPolicySchema.parse({}).gate), [
    `processor could not be asked: ${unasked}`,
  ]);
});

measuring("takes an API server that only forbids its version for one that answers", async () => {
  const forbidden = refusal('Error from server (Forbidden): forbidden: User "u" cannot get path "/version"');
  const { prober } = proberWith(
    new Map([
      [PROCESSOR, HANGING],
      ["--raw=/version", forbidden],
    ]),
  );
  const { traffic } = await prober.measure("bake", placement, readingOf());
  assert.is(traffic?.asked["processor"]?.failures, 1);
});

measuring(
  "ends when the API server does not know the token any more, and counts nothing against the release",
  async () => {
    const unknown = refusal("error: You must be logged in to the server (Unauthorized)");
    const { prober } = proberWith(
      new Map([
        [PROCESSOR, unknown],
        ["--raw=/version", unknown],
      ]),
    );
    try {
      await prober.measure("bake", placement, readingOf());
      assert.unreachable("it went on");
    } catch (error) {
      assert.instance(error, ClusterError);
      assert.match(
        error instanceof Error ? error.message : "",
        /^the cluster did not let Slipway ask the release: error: You must be logged in to the server \(Unauthorized\) \[cluster-unauthorised\]\n/,
      );
    }
  },
);

measuring("ends with what to do when the account may not read counters", async () => {
  const said =
    'Error from server (Forbidden): pods "a:8081" is forbidden: User "system:serviceaccount:canary:deployer" cannot get resource "pods/proxy" in API group "" in the namespace "canary"';
  const { prober } = proberWith(new Map([[path("a"), refusal(said)]]));
  try {
    await prober.measure("smoke", placement, readingOf(pod("a")));
    assert.unreachable("it was not refused");
  } catch (error) {
    assert.instance(error, ClusterError);
    assert.is(
      error instanceof Error ? error.message : "",
      [
        `the cluster did not let Slipway read the counters of pod a: ${said} [cluster-unauthorised]`,
        "  where: namespace canary, services.ingest.metrics of slipway.yaml",
        "  to do: allow the account get on pods/proxy (kubectl apply -f manifests/setup/rings.yaml does; slipway init writes the file), or remove metrics from slipway.yaml: then only Slipway's own requests are judged",
      ].join("\n"),
    );
  }
  // The pod's own refusal is the pod's.
  const own = refusal("Error from server (Forbidden): unknown");
  const other = await proberWith(new Map([[path("a"), own]])).prober.measure("smoke", placement, readingOf(pod("a")));
  assert.is(other.smoke?.ok, false);
});

measuring.run();
