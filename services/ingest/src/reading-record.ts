import { randomUUID } from "node:crypto";
import { READING_PARTITIONS, READING_SCHEMA, type Reading, type ReadingInput } from "@slipway/contracts";
import { type Outgoing, partitionOf } from "@slipway/kafka";

// Made once: kafkajs turns each text into bytes again for every record.
const constantHeaders = {
  ce_specversion: Buffer.from("1.0"),
  ce_type: Buffer.from("slipway.reading"),
  "content-type": Buffer.from("application/json"),
  schema: Buffer.from(READING_SCHEMA),
};

/** Where readings come from, for the header `ce_source`. */
export const sources = {
  events: Buffer.from("/v1/events"),
  stream: Buffer.from("/v1/events:stream"),
  uploads: Buffer.from("/v1/uploads"),
  form: Buffer.from("/"),
};

/** The Kafka record of a reading: CloudEvents in binary mode, in the partition of its series. */
export function toRecord(reading: Reading, source: Buffer, traceparent?: string): Outgoing {
  return {
    partition: partitionOf(reading.series, READING_PARTITIONS),
    key: reading.series,
    value: JSON.stringify(reading),
    headers: {
      ...constantHeaders,
      ce_id: reading.id,
      ce_source: source,
      ...(traceparent === undefined ? {} : { traceparent }),
    },
  };
}

/** A reading with an id: its own, or a random one. */
export function identify(input: ReadingInput & { readonly nanos?: number }): Reading {
  return { ...input, id: input.id ?? randomUUID() };
}
