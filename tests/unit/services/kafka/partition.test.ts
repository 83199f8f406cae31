import * as fc from "fast-check";
import kafkajs from "kafkajs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listOutdatedApis, murmur2, partitionOf } from "../../../../services/kafka/src/index.ts";

const partition = suite("partition of a key");

/** `fc.assert` for properties without waiting, which say so in their type. */
const check: <T>(property: fc.IProperty<T>, options: fc.Parameters<T>) => void = fc.assert;

/** What kafkajs itself would choose. */
function kafkajsPartition(key: string | Buffer, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  return kafkajs.Partitioners.DefaultPartitioner()({ topic: "t", partitionMetadata, message: { key, value: "" } });
}

// From the tests of Kafka's Java client, org.apache.kafka.common.utils.UtilsTest.testMurmur2.
for (const [text, hash] of [
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
] as const) {
  partition(`hashes ${JSON.stringify(text)} as Kafka's Java client does`, () => {
    assert.is(murmur2(Buffer.from(text)), hash);
  });
}

partition("is the one that kafkajs chooses, for any text and any bytes", () => {
  check(
    fc.property(
      fc.oneof(fc.string({ unit: "grapheme", minLength: 1 }), fc.uint8Array({ minLength: 1 })),
      fc.integer({ min: 1, max: 50 }),
      (key, count) => {
        const bytes = typeof key === "string" ? key : Buffer.from(key);
        assert.is(partitionOf(bytes, count), kafkajsPartition(bytes, count));
      },
    ),
    { numRuns: 5_000 },
  );
});

partition("names each API for which kafkajs is too old, and none when all is well", () => {
  const ranges = new Map([0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 19, 22].map((api) => [api, { min: 0, max: 99 }]));
  assert.equal(listOutdatedApis(ranges), []);
  ranges.set(0, { min: 8, max: 13 });
  ranges.delete(22);
  assert.equal(listOutdatedApis(ranges), [
    "Produce: the broker asks for version 8, kafkajs speaks 7",
    "InitProducerId: the broker does not offer it",
  ]);
});

partition.run();
