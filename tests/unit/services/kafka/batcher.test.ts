import type { Message } from "kafkajs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Batcher,
  type BatcherOptions,
  FateUnknown,
  Lane,
  NotSent,
  QueueFull,
  type Sender,
} from "../../../../services/kafka/src/index.ts";

const batcher = suite("Batcher");

/** Remembers each request, and answers it when the test says so. */
class HeldSender implements Sender {
  readonly requests: {
    readonly messages: Message[];
    readonly answer: () => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  underWay = 0;
  mostUnderWay = 0;
  readonly #ends = new Map<number, number>();

  send(topicMessages: { topic: string; messages: Message[] }[]) {
    const messages = topicMessages.flatMap((one) => one.messages);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    return new Promise<{ topicName: string; partition: number; errorCode: number; baseOffset: string }[]>(
      (resolve, reject) => {
        const answer = () => {
          this.underWay -= 1;
          const partitions = [...new Set(messages.map(({ partition = 0 }) => partition))];
          const answers = partitions.map((partition) => {
            const base = this.#ends.get(partition) ?? 0;
            this.#ends.set(partition, base + messages.filter((message) => message.partition === partition).length);
            return { topicName: "t", partition, errorCode: 0, baseOffset: String(base) };
          });
          resolve(answers);
        };
        const fail = (error: Error) => {
          this.underWay -= 1;
          reject(error);
        };
        this.requests.push({ messages, answer, fail });
      },
    );
  }
}

function create(sender: Sender, options: Partial<BatcherOptions> = {}): Batcher {
  return new Batcher({
    topic: "t",
    senders: [sender],
    maxQueuedRecords: 100,
    maxQueuedBytes: 1_000_000,
    lingerMs: 0,
    maxBatchRecords: 3,
    maxBatchBytes: 100_000,
    queueDeadlineMs: 60_000,
    ...options,
  });
}

const outgoing = (value: string, partition = 0) => ({ partition, key: "k", value });

/** Waits for something that the code under test brings about; says what was seen last when it does not come. */
async function until(what: string, holds: () => boolean, seen: () => unknown): Promise<void> {
  const endAt = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > endAt) throw new Error(`${what}: not within 5 s, last seen ${JSON.stringify(seen())}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const requestCount = (sender: HeldSender, count: number) =>
  until(
    `${count} requests`,
    () => sender.requests.length >= count,
    () => sender.requests.length,
  );

/** The rejection of a promise that must not resolve. */
async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    (value) => assert.unreachable(`resolved with ${JSON.stringify(value)}`) as never,
    (error: Error) => error,
  );
}

batcher("has one request under way at a time, and keeps the order of what it was given", async () => {
  const sender = new HeldSender();
  const it = create(sender);
  const added = ["a", "b", "c", "d", "e"].map((value) => it.add(outgoing(value)));
  await requestCount(sender, 1);
  sender.requests[0]?.answer();
  await requestCount(sender, 2);
  sender.requests[1]?.answer();
  assert.equal(
    await Promise.all(added),
    [0, 1, 2, 3, 4].map((offset) => ({ partition: 0, offset })),
  );
  assert.equal(
    sender.requests.map(({ messages }) => messages.map(({ value }) => value)),
    [
      ["a", "b", "c"],
      ["d", "e"],
    ],
  );
  assert.is(sender.mostUnderWay, 1);
});

batcher("tells each record its own offset, partition by partition", async () => {
  const sender = new HeldSender();
  const it = create(sender);
  const added = [it.add(outgoing("a", 4)), it.add(outgoing("b", 1)), it.add(outgoing("c", 4))];
  await requestCount(sender, 1);
  sender.requests[0]?.answer();
  assert.equal(await Promise.all(added), [
    { partition: 4, offset: 0 },
    { partition: 1, offset: 0 },
    { partition: 4, offset: 1 },
  ]);
});

batcher("refuses what does not fit any more, and has room again after the broker has answered", async () => {
  const sender = new HeldSender();
  const it = create(sender, { maxQueuedRecords: 2 });
  const added = [it.add(outgoing("a")), it.add(outgoing("b"))];
  assert.instance(await failureOf(it.add(outgoing("c"))), QueueFull);
  const room = it.awaitRoom();
  await requestCount(sender, 1);
  sender.requests[0]?.answer();
  await Promise.all(added);
  await room;
  assert.is(it.load, 0);
});

batcher("refuses by bytes as well", async () => {
  const it = create(new HeldSender(), { maxQueuedBytes: 1_000 });
  it.add(outgoing("x".repeat(800))).catch(() => undefined);
  assert.instance(await failureOf(it.add(outgoing("y".repeat(200)))), QueueFull);
});

batcher("gives the sender's failure to exactly the records of that request", async () => {
  const sender = new HeldSender();
  const it = create(sender);
  const first = ["a", "b", "c"].map((value) => it.add(outgoing(value)));
  const later = it.add(outgoing("d"));
  await requestCount(sender, 1);
  const failures = Promise.all(first.map(failureOf));
  sender.requests[0]?.fail(new FateUnknown("no answer"));
  for (const error of await failures) assert.instance(error, FateUnknown);
  await requestCount(sender, 2);
  sender.requests[1]?.answer();
  assert.is((await later).offset, 0);
});

batcher(
  "sends nothing of a lane after a failure in it, so that no hole is ever stored; other records go on",
  async () => {
    const sender = new HeldSender();
    const it = create(sender);
    const lane = new Lane();
    const first = ["a", "b", "c"].map((value) => it.add(outgoing(value), lane));
    const queued = it.add(outgoing("d"), lane);
    const other = it.add(outgoing("x"));
    await requestCount(sender, 1);
    const failures = Promise.all([...first, queued].map(failureOf));
    sender.requests[0]?.fail(new FateUnknown("no answer"));
    const afterwards = failureOf(it.add(outgoing("e"), lane));
    assert.instance((await failures)[3], NotSent);
    assert.instance(await afterwards, NotSent);
    await requestCount(sender, 2);
    sender.requests[1]?.answer();
    await other;
    assert.equal(
      sender.requests[1]?.messages.map(({ value }) => value),
      ["x"],
    );
  },
);

batcher("gives back what has waited past the deadline, as certainly not sent", async () => {
  const sender = new HeldSender();
  const it = create(sender, { queueDeadlineMs: -1 });
  assert.instance(await failureOf(it.add(outgoing("a"))), NotSent);
  assert.is(sender.requests.length, 0);
});

batcher("drains: takes nothing more, and ends when everything has been answered", async () => {
  const sender = new HeldSender();
  const it = create(sender, { lingerMs: 60_000 });
  const added = it.add(outgoing("a"));
  let drained = false;
  const drain = it.drain().then(() => {
    drained = true;
  });
  assert.instance(await failureOf(it.add(outgoing("b"))), NotSent);
  await requestCount(sender, 1);
  assert.is(drained, false);
  sender.requests[0]?.answer();
  await added;
  await drain;
});

batcher.run();
