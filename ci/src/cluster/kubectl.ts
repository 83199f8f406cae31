/** What one call of kubectl came to. */
export interface KubectlAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The one way to a cluster: everything that Slipway reads or writes there is one call of kubectl. */
export interface Kubectl {
  /**
   * Runs kubectl with these arguments and this standard input, to its end.
   *
   * @param limitS after so many seconds it is ended, and the answer is that of `tellLate`. For requests that are passed
   * on to a pod: kubectl makes a query of its own `--request-timeout`, and the API server hands that on. Everything
   * else gives up by that option.
   * @throws whatever the adapter's engine throws when kubectl cannot be started; never because of an exit code.
   */
  run(args: readonly string[], stdin?: string, limitS?: number): Promise<KubectlAnswer>;
}

/** What the program `timeout` ends with when its command took too long. */
const LATE = 124;

/** A command that is ended after so many seconds, and says so by its exit code. */
export function limitTime(command: readonly string[], limitS: number | undefined): string[] {
  return limitS === undefined ? [...command] : ["timeout", String(limitS), ...command];
}

/** An answer of a limited call: kubectl does not live to say what it waited for. */
export function tellLate(answer: KubectlAnswer, limitS: number | undefined): KubectlAnswer {
  if (limitS === undefined || answer.exitCode !== LATE) return answer;
  return { ...answer, stderr: `${answer.stderr}error: no answer within ${limitS} s\n` };
}
