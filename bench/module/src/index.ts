/** The smallest module that shows what a call costs. */
import { func, object } from "@dagger.io/dagger";

@object()
export class Bench {
  /** Say hello; the answer is remembered. */
  @func()
  hello(): string {
    return "hello";
  }

  /** Say hello anew each time. */
  @func({ cache: "never" })
  helloAgain(): string {
    return "hello";
  }
}
