import { type Account, type Code, tellAccount } from "../account.ts";

/** What a verb came to. */
export type Ended =
  | {
      readonly kind: "done";
      /** `failed`: the ring is stable again, but not as it was asked for. */
      readonly outcome: "live" | "rolled-back" | "failed" | "frozen" | "thawed";
      readonly report: string;
    }
  | {
      readonly kind: "blocked";
      readonly code: Code;
      readonly message: string;
    };

export function blocked(code: Code, account: Account): Ended {
  return { kind: "blocked", code, message: tellAccount(account, code) };
}
