import { text } from "./arguments.ts";
import type { Fields, Obj } from "./graph.ts";

/** An error that a function gives, as an object. */
export interface ErrorValue {
  readonly message: string;
  /** `value` is JSON as the client wrote it. */
  readonly values: readonly { readonly name: string; readonly value: string }[];
}

export const errorFields: Fields = {
  Query: {
    error: { run: (_self, args): ErrorValue => ({ message: text(args["message"]), values: [] }) },
  },
  Error: {
    message: { run: async (self) => (await self.value<ErrorValue>()).message },
    values: { run: async (self) => (await self.value<ErrorValue>()).values },
    withValue: {
      run: async (self, args): Promise<ErrorValue> => {
        const error = await self.value<ErrorValue>();
        return { ...error, values: [...error.values, { name: text(args["name"]), value: text(args["value"]) }] };
      },
    },
  },
  ErrorValue: {
    name: { run: async (self: Obj) => (await self.value<{ name: string }>()).name },
    value: { run: async (self: Obj) => (await self.value<{ value: string }>()).value },
  },
};
