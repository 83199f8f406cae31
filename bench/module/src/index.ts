/** The smallest module that shows what a call costs. */
import { argument, type Directory, func, object } from "@dagger.io/dagger";

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

  /** Count what is at the top of the repository, all of which is taken. */
  @func()
  async count(@argument({ defaultPath: "/" }) repository: Directory): Promise<number> {
    return (await repository.entries()).length;
  }
}
