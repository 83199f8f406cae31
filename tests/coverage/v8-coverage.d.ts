/** The package has no types of its own. */
declare module "@bcoe/v8-coverage" {
  /** What a process ran through, script by script. */
  export interface ProcessCov {
    readonly result: readonly { readonly url: string }[];
  }
  /** Adds up what several processes ran through. */
  export function mergeProcessCovs(processes: readonly ProcessCov[]): ProcessCov;
}
