/** Where the steps of one layer work. */
export interface StepContext {
  /** The root of the image, writable. */
  readonly root: string;
  /** A folder of this build alone. */
  readonly temporary: string;
  /** A folder that builds share, for what the package manager downloads. */
  readonly sharedDir: string;
}
