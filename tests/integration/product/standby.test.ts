import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { AssignerProtocol } from "kafkajs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Reading } from "../../../services/contracts/src/index.ts";
import { SerialProducer, withAdmin } from "../../../services/kafka/src/index.ts";
import { awaitThat, type RunningService, startService } from "../../support/kafka-services.ts";
import { compareWindows, expectWindows } from "./expected-windows.ts";
import { newKafka, newPrefix, readWindows, sendReadings } from "./product-topics.ts";

const standby = suite("processors of two colours");

const WINDOW_MS = 60_000;
const t0 = Date.UTC(2024, 0, 1);

interface LiveService {
  readonly url: string;
  /** Leads to another one from the next connection on, as a patch of the selector does. */
  readonly switchTo: (service: RunningService) => void;
  close(): void;
}

/** Stands for the live Service of a ring. Before the first switch it has no selector, and nobody answers. */
async function startLiveService(): Promise<LiveService> {
  let selected: RunningService | undefined;
  const server = createServer((request, response) => {
    if (selected === undefined) {
      request.socket.destroy();
      return;
    }
    void fetch(`${selected.url}${request.url}`).then(
      async (answer) => response.writeHead(answer.status).end(await answer.text()),
      () => request.socket.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    switchTo: (service) => {
      selected = service;
    },
    close: () => server.close(),
  };
}

/** The members of the processors' group, each with the number of its partitions, as the broker knows them. */
async function listMembers(prefix: string): Promise<string[]> {
  const { groups } = await withAdmin(newKafka(), (admin) => admin.describeGroups([`${prefix}processor`]));
  return (groups[0]?.members ?? []).map(({ clientId, memberAssignment }) => {
    const assigned = AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {};
    return `${clientId} with ${Object.values(assigned).flat().length}`;
  });
}

/** How many readings a processor has taken from Kafka, by its own count. */
async function countReadings({ managementUrl }: RunningService): Promise<number> {
  const text = await (await fetch(`${managementUrl}/metrics`)).text();
  const counts = [...text.matchAll(/^processor_readings_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Sends readings all the time, from one second of their time to the next, until it is told to stop. */
function sendAllTheTime(prefix: string, sent: Reading[]): () => Promise<void> {
  const producer = new SerialProducer({ kafka: newKafka(), deliveryDeadlineMs: 30_000 });
  let stopped = false;
  const send = async () => {
    while (!stopped) {
      const batch = Array.from({ length: 50 }, (_, at): Reading => {
        const index = sent.length + at;
        const value = ((index * 7_919) % 1_000) / 10;
        return { id: `standby#${index}`, series: `s-${index % 11}`, ts: t0 + index * 200, value };
      });
      await sendReadings(producer, prefix, batch);
      sent.push(...batch);
      await delay(50);
    }
  };
  const sending = send();
  // Told by whoever stops it.
  sending.catch(() => undefined);
  return async () => {
    stopped = true;
    await sending;
    await producer.close();
  };
}

/** Asks for readiness all the time. @returns what ends it, and tells everything that was not ready. */
function watchReadiness(services: Readonly<Record<string, RunningService>>): () => Promise<string[]> {
  const problems: string[] = [];
  let stopped = false;
  const watching = Object.entries(services).map(async ([name, { managementUrl }]) => {
    while (!stopped) {
      const problem = await fetch(`${managementUrl}/readyz`).then(
        async (answer) => (answer.ok ? undefined : await answer.text()),
        (error: Error) => error.message,
      );
      if (problem !== undefined) problems.push(`${name}: ${problem}`);
      await delay(250);
    }
  });
  return async () => {
    stopped = true;
    await Promise.all(watching);
    return problems;
  };
}

standby("take turns by the switch, again and again, and every reading is in the windows once", async () => {
  const prefix = newPrefix();
  const live = await startLiveService();
  const env = {
    TOPIC_PREFIX: prefix,
    WINDOW_MS: String(WINDOW_MS),
    ALLOWED_LATENESS_MS: "60000",
    PROCESSOR_URL: live.url,
  };
  const started: RunningService[] = [];
  const start = async (colour: string) => {
    const service = await startService("processor", { ...env, SLIPWAY_COLOUR: colour });
    started.push(service);
    return service;
  };
  const sent: Reading[] = [];
  let stopSending: (() => Promise<void>) | undefined;
  let stopWatching: (() => Promise<string[]>) | undefined;
  try {
    const blue = await start("blue");
    assert.equal(await listMembers(prefix), [], "ready, but nobody's turn yet");
    live.switchTo(blue);
    await awaitThat("blue works alone", 10_000, () => isAlone("blue"));
    stopSending = sendAllTheTime(prefix, sent);
    await awaitThat("blue takes readings", 20_000, async () => (await countReadings(blue)) > 500);

    const green = await start("green");
    stopWatching = watchReadiness({ blue, green });
    // So long that a candidate which joins would be seen.
    const blueBefore = await countReadings(blue);
    await awaitThat("blue takes readings beside its candidate", 20_000, async () => {
      assert.equal(await isAlone("blue"), true);
      return (await countReadings(blue)) > blueBefore + 3_000;
    });
    assert.is(await countReadings(green), 0);

    const pauses: string[] = [];
    for (const colour of ["green", "blue", "green", "blue"] as const) {
      const [next, last] = colour === "green" ? [green, blue] : [blue, green];
      const before = await countReadings(next);
      const switchedAt = Date.now();
      live.switchTo(next);
      await awaitThat(`${colour} takes readings`, 15_000, async () => (await countReadings(next)) > before);
      const pauseMs = Date.now() - switchedAt;
      await awaitThat(`${colour} works alone`, 10_000, () => isAlone(colour));
      pauses.push(`${colour} in ${pauseMs} ms, alone in ${Date.now() - switchedAt} ms`);
      // What the old one counts from here on it would have taken without being a member.
      const counted = await countReadings(last);
      await awaitThat(`${colour} goes on`, 20_000, async () => (await countReadings(next)) > before + 2_000);
      assert.is(await countReadings(last), counted);
    }
    console.log(`  ${pauses.join("; ")}`);

    await stopSending();
    stopSending = undefined;
    const expected = expectWindows(sent, WINDOW_MS);
    await awaitThat("all windows are right", 60_000, async () => {
      const problems = compareWindows(expected, await readWindows(prefix));
      return problems.length === 0 || problems.slice(0, 3);
    });
    console.log(`  ${sent.length} readings, ${expected.size} windows`);
    assert.equal(await stopWatching(), []);
    assert.equal([await blue.end("SIGTERM"), await green.end("SIGTERM")], [0, 0]);
    assert.equal(await listMembers(prefix), []);
    assert.equal(compareWindows(expected, await readWindows(prefix)), []);
  } finally {
    await stopSending?.();
    await stopWatching?.();
    for (const service of started) await service.end("SIGKILL");
    live.close();
  }

  async function isAlone(colour: string): Promise<true | string[]> {
    const members = await listMembers(prefix);
    return (members.length === 1 && members[0] === `slipway-processor-${colour} with 6`) || members;
  }
});

standby.run();
