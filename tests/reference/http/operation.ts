import type { z } from "zod";

/** An answer: what it means, and what is in it. */
export interface AnswerText {
  readonly description: string;
  /** By content type; a type without a schema is text of a kind that its type says. */
  readonly content?: Readonly<Record<string, z.ZodType | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A part of the address or a header of the request. */
export interface ParameterText {
  readonly name: string;
  readonly in: "query" | "path" | "header";
  readonly description: string;
  readonly schema: z.ZodType;
}

/** One method of one address of a service. */
export interface Operation {
  readonly method: "get" | "post";
  /** With names in braces: `/v1/uploads/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly parameters?: readonly ParameterText[];
  /** The body of the request by content type. */
  readonly body?: Readonly<Record<string, z.ZodType | undefined>>;
  readonly answers: Readonly<Record<string, AnswerText>>;
}

/** A service, as its document of OpenAPI describes it. */
export interface ServiceText {
  readonly title: string;
  readonly description: string;
  readonly operations: readonly Operation[];
  /** Schemas that stand in the document once, under their names. */
  readonly named: Readonly<Record<string, z.ZodType>>;
}
