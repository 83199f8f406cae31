/** Runs as a real collector of OpenTelemetry takes them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../support/run-slipway.ts";
import { writeModule } from "../support/served-module.ts";
import { Collector } from "./collector.ts";

const SOURCE = `
import { dag, func, object } from "@dagger.io/dagger"

@object()
export class Shop {
  @func()
  async bad(): Promise<string> {
    return await dag.container().from("node:24-bookworm-slim")
      .withExec(["sh", "-c", "echo first; echo 'not ok' >&2; exit 7"]).stdout()
  }
}
`;

const otlp = suite("a run in a collector of OpenTelemetry");

let folder = "";

otlp.before(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-otlp-"));
  writeModule(folder, "shop", SOURCE);
});

otlp.after(() => rmSync(folder, { recursive: true, force: true }));

for (const protocol of ["http/protobuf", "http/json"]) {
  otlp(
    `by ${protocol}: its spans are a tree, and each line of output belongs to the step that printed it`,
    async () => {
      const collector = await Collector.start();
      try {
        const env = {
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${collector.url}/v1/logs`,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_TIMEOUT: "30000",
          TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        const ran = await runSlipway(folder, ["call", "bad"], { env, limitMs: 300_000 });
        assert.is(ran.exitCode, 7, ran.stderr);
        assert.not.match(ran.stderr, "collector");
        const spans = await collector.spans();
        const named = (name: RegExp) => {
          const found = spans.find((span) => name.test(span.name));
          assert.ok(found, `${name}: ${spans.map((span) => span.name).join(", ")}`);
          return found;
        };
        const [root, call, exec, load] = [
          named(/^slipway call bad$/),
          named(/^Shop\.bad$/),
          named(/^withExec sh -c/),
          named(/^load module shop$/),
        ];
        assert.equal(
          [root.parentSpanId, call.parentSpanId, exec.parentSpanId, load.parentSpanId],
          ["b7ad6b7169203331", root.spanId, call.spanId, root.spanId],
        );
        assert.equal(new Set(spans.map(({ traceId }) => traceId)), new Set(["0af7651916cd43dd8448eb211c80319c"]));
        assert.equal([root.status.code, exec.status.code, exec.status.message], [2, 2, "not ok"]);
        const logs = await collector.logs();
        assert.equal(
          logs
            .filter(({ spanId }) => spanId === exec.spanId)
            .map(({ body, attributes }) => [body.stringValue, attributes?.[0]?.key, attributes?.[0]?.value.intValue])
            .sort(),
          [
            ["first", "stdio.stream", "1"],
            ["not ok", "stdio.stream", "2"],
          ],
        );
      } finally {
        await collector.stop();
      }
    },
  );
}

otlp.run();
