import { Validator } from "@seriousme/openapi-schema-validator";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createApp as createProcessor } from "../../../services/processor/src/app.ts";
import { createManagementApp } from "../../../services/runtime/src/management.ts";
import { makeDocument } from "../../reference/http/document.ts";
import type { ServiceText } from "../../reference/http/operation.ts";
import { SERVICES } from "../../reference/http/page.ts";
import { holdToDocument } from "../../support/api-answers.ts";
import { createCounters, createDashboard } from "../../support/dashboard-app.ts";
import { createIngest } from "../../support/ingest-app.ts";

const api = suite("the documents of OpenAPI");

for (const [name, service] of Object.entries(SERVICES)) {
  api(`of ${name} is valid OpenAPI 3.1`, async () => {
    const validator = new Validator();
    assert.equal(await validator.validate({ ...makeDocument(service) }), { valid: true });
    assert.is(validator.version, "3.1");
  });
}

const processor = createProcessor({
  colour: undefined,
  role: () => "live",
  assigned: () => [0, 1],
  seriesCount: () => 2,
  windowMs: 1,
  allowedLatenessMs: 1,
});
const managementOf = (reason?: string) =>
  createManagementApp({ findDeath: () => reason, findUnreadiness: () => reason, metrics: createCounters().registry });

type App = ReturnType<typeof createDashboard>;

/** What an app of Hono answers, as `GET /v1/uploads/{id}`; what answers every method of a path, without a method. */
function listRoutes({ routes }: App): string[] {
  const named = routes.map(({ method, path }) => [
    method,
    path.replace(/\/:(\w+)/g, "/{$1}").replace(/\/\*$/, "/{path}"),
  ]);
  return [...new Set(named.filter(([method]) => method !== "ALL").map((parts) => parts.join(" ")))].sort();
}

function listOperations({ operations }: ServiceText): string[] {
  return operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort();
}

api("have each route of the services, and no other", () => {
  const apps: Readonly<Record<string, App>> = {
    ingest: createIngest().app,
    processor,
    dashboard: createDashboard({ ingestUrl: "http://127.0.0.1:1" }),
    management: managementOf(),
  };
  for (const [name, service] of Object.entries(SERVICES)) {
    const app = apps[name];
    if (app === undefined) throw new Error(`no app is made for ${name}`);
    // What hands all methods on to ingest is in the document as the two that ingest has.
    const handedOn = name === "dashboard" ? ["GET /add/{path}", "POST /add/{path}"] : [];
    const uploads = (route: string) => (name === "dashboard" ? route.replace("uploads/{path}", "uploads/{id}") : route);
    assert.equal([...listRoutes(app).map(uploads), ...handedOn].sort(), listOperations(service), name);
  }
});

api("have what processor and the management port answer", async () => {
  const { processor: told, management } = SERVICES;
  if (told === undefined || management === undefined) throw new Error("they have no documents");
  for (const path of ["/", "/v1/role"]) {
    const answer = await holdToDocument(told, (request) => processor.fetch(request))(
      new Request(`http://processor${path}`),
    );
    assert.is(answer.status, 200);
  }
  for (const [reason, status] of [
    [undefined, 200],
    ["the broker does not answer", 503],
  ] as const) {
    const ask = holdToDocument(management, (request) => managementOf(reason).fetch(request));
    for (const path of ["/healthz", "/readyz"]) assert.is((await ask(new Request(`http://any${path}`))).status, status);
    assert.is((await ask(new Request("http://any/metrics"))).status, 200);
  }
});

api("have what the dashboard answers, also when there is no ingest where it is said to be", async () => {
  const { dashboard } = SERVICES;
  if (dashboard === undefined) throw new Error("it has no document");
  const app = createDashboard({ ingestUrl: "http://127.0.0.1:1" });
  const ask = holdToDocument(dashboard, (request) => app.fetch(request));
  const json = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  const asked: readonly (readonly [status: number, path: string, init?: RequestInit])[] = [
    [200, "/"],
    [200, "/page.js"],
    [304, "/page.js", { headers: { "if-none-match": '"t"' } }],
    [200, "/v1/about"],
    [200, "/v1/series?q=a"],
    [422, "/v1/series?limit=0"],
    [404, "/v1/series/none"],
    [422, "/v1/series/none?from=soon"],
    [200, "/v1/anomalies?series=a&from=2024-01-01T00:00:00Z"],
    [422, `/v1/stream?${"series=a&".repeat(21)}`],
    [302, "/add"],
    [503, "/add/form.css"],
    [503, "/v1/events", json],
    [503, "/v1/uploads/a"],
    [404, "/v2"],
  ];
  for (const [status, path, init] of asked) assert.is((await ask(path, init)).status, status, path);
});

api("do not let pass what they do not say", async () => {
  const { ingest } = SERVICES;
  if (ingest === undefined) throw new Error("it has no document");
  const ask = (answer: Response, path = "/v1/uploads/a", method = "GET") =>
    holdToDocument(
      ingest,
      () => answer,
    )(new Request(`http://ingest${path}`, { method })).then(
      () => "passed",
      (error: Error) => error.message.slice(0, 75),
    );
  const problem = { type: "t", title: "t", status: 404, detail: "d" };
  const typed = (body: object, status: number, type = "application/problem+json") =>
    new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
  assert.is(await ask(typed(problem, 404)), "passed");
  assert.is(await ask(typed(problem, 410)), "GET /v1/uploads/a answered 410; the document has 200, 404");
  assert.match(await ask(typed(problem, 404, "text/plain")), "with type text/plain; the document has");
  assert.match(await ask(typed({ ...problem, detail: 1 }, 404)), "answered 404: data/detail must be string");
  assert.match(await ask(typed({ ...problem, more: 1 }, 404)), "answered 404: data must NOT have additional");
  assert.match(await ask(typed({ id: "a" }, 200, "application/json")), "answered 200: data must have required");
  assert.is(await ask(new Response("", { status: 200 }), "/v2"), "GET /v2 answered 200, but is not in the document");
  assert.is(await ask(new Response("", { status: 405 }), "/v1/events", "DELETE"), "passed");
});

api.run();
