import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startService } from "../../support/kafka-services.ts";
import { limitMemory } from "../../support/memory-limit.ts";
import { prepareHarm, type Scale, sendWorst, type Tally } from "./worst-uploads.ts";

const worst = suite("the worst uploads at once");

/** `limits.memory` of the pod in manifests/base/ingest.yaml. */
const POD_MIB = 512;
const MIB = 1024 * 1024;

const scales: Readonly<Record<string, Scale>> = {
  small: { clients: 2, endlessMiB: 64, tinyUploads: 500, openUploads: 40 },
  full: { clients: 6, endlessMiB: 250, tinyUploads: 100_000, openUploads: 1_000 },
};
const size = process.env["WORST_UPLOADS"] ?? "small";

/** How each kind of harm may end. Besides, each may be told to come back later. */
const expected: Readonly<Record<string, RegExp>> = {
  "a line of NDJSON without end": /^200 done$/,
  "a cell of CSV without end": /^422$/,
  "a million levels of JSON": /^422$/,
  "a line of a hundred thousand levels": /^200 done$/,
  "three million empty objects": /^422$/,
  "a thousand unknown names a line": /^200 done$/,
  "a list of large readings": /^(202|207|503)$/,
  "a million columns": /^422$/,
  "rows that are all refused": /^422$/,
  "a gzip bomb": /^413$/,
  "a gzip bomb in gzip": /^200 too-large$/,
  "a gzip bomb of many members": /^413$/,
  "a brotli bomb": /^413$/,
  "brotli with the largest window": /^422$/,
  "a form of a hundred thousand parts": /^413$/,
  "tiny files": /^201$/,
};

function findWrong(tallies: Readonly<Record<string, Tally>>): string[] {
  return Object.entries(tallies).flatMap(([name, tally]) =>
    Object.entries(tally)
      .filter(([status]) => !(expected[name] ?? /^never$/).test(status) && status !== "429")
      .map(([status, count]) => `${name}: ${count} x ${status}`),
  );
}

worst(`leave the service alive in the ${POD_MIB} MiB of its pod, and it goes on with others`, async () => {
  const scale = scales[size];
  if (scale === undefined) throw new Error(`WORST_UPLOADS=${size}: there are ${Object.keys(scales).join(", ")}`);
  const harm = prepareHarm(scale);
  execFileSync(process.execPath, ["build.mjs"], { cwd: "services/ingest" });
  const limit = limitMemory(`slipway-test-${randomUUID().slice(0, 8)}`, POD_MIB * MIB);
  const prefix = limit?.prefix ?? [];
  const env = { TOPIC_PREFIX: `t-${randomUUID().slice(0, 8)}-`, BODY_IDLE_MS: "5000" };
  const ingest = await startService("ingest", env, [...prefix, process.execPath, "services/ingest/dist/main.js"]);
  try {
    const bystander = watch(ingest.url);
    const { tallies, longestStillMs } = await sendWorst(ingest.url, scale, harm);
    const seen = await bystander.stop();
    const peakMiB = Math.round(readPeakKib(ingest.pid) / 1024);
    const where = limit === undefined ? "no control group here, so nothing ended it by force" : "in a control group";
    console.log(`peak of ingest's memory: ${peakMiB} MiB of ${POD_MIB} (${where})`);
    console.log(`the clients' process came to nothing for ${longestStillMs} ms at most`);
    console.log(`a client beside: ${JSON.stringify(seen.tally)}, slowest ${seen.slowestMs} ms`);
    for (const [name, tally] of Object.entries(tallies)) console.log(`  ${name}: ${JSON.stringify(tally)}`);
    assert.equal(findWrong(tallies), [], ingest.output());
    assert.ok(peakMiB < POD_MIB, `${peakMiB} MiB`);
    assert.equal(Object.keys(seen.tally), ["202"]);
    assert.is(await ingest.end("SIGTERM"), 0, ingest.output());
  } finally {
    await ingest.end("SIGKILL");
    limit?.remove();
  }
});

/** A client that does nothing wrong: a reading now and then. */
function watch(url: string): { stop: () => Promise<{ readonly tally: Tally; readonly slowestMs: number }> } {
  const tally: Record<string, number> = {};
  let slowestMs = 0;
  let going = true;
  const body = JSON.stringify({ series: "bystander", ts: "2024-01-01T00:00:00Z", value: 1 });
  const headers = { "content-type": "application/json" };
  const run = async () => {
    while (going) {
      const startedAt = Date.now();
      const status = await fetch(`${url}/v1/events`, { method: "POST", headers, body }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return String(answer.status);
        },
        (error: Error) => `cut (${String(error.cause)})`,
      );
      tally[status] = (tally[status] ?? 0) + 1;
      slowestMs = Math.max(slowestMs, Date.now() - startedAt);
      await delay(50);
    }
  };
  const ended = run();
  return {
    stop: async () => {
      going = false;
      await ended;
      return { tally, slowestMs };
    },
  };
}

/** Most memory that a process ever held. */
function readPeakKib(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

worst.run();
