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
   * @throws whatever the adapter's engine throws when kubectl cannot be started; never because of an exit code.
   */
  run(args: readonly string[], stdin?: string): Promise<KubectlAnswer>;
}
