import { z } from "zod";

/** Every JavaScript object has it: records that are kept by name would find something there. */
const ALWAYS_THERE = "constructor";

/**
 * Names of services and rings. They become labels of DNS and parts of Kubernetes names: `ingest-green` and what the
 * cluster appends to it stay below 63 characters.
 */
export const nameSchema = z
  .string("expected a name")
  .regex(
    /^[a-z](?:[a-z0-9-]{0,29}[a-z0-9])?$/,
    "expected lower case letters, digits and dashes, 31 at most, beginning with a letter and not ending with a dash",
  )
  .refine((name) => name !== ALWAYS_THERE, `${ALWAYS_THERE} cannot be used as a name`);

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return (
    z
      .number({ error })
      .refine((value) => Number.isInteger(value) && value >= min && value <= max, { error })
      // For the schema that editors read, and the page of the keys.
      .meta({ type: "integer", minimum: min, maximum: max })
  );
}

/** A time as `toISOString` writes it: in UTC. */
export const timeSchema = z.iso.datetime("expected a time such as 2026-01-31T12:00:00Z");

/** A port of TCP. */
export const portSchema = wholeNumber(1, 65_535);

/** The value of `record` under a name of its own; what every object has is not meant. */
export function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
