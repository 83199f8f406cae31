/** A file that a check has written is not what it should be. The message goes behind its path. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}
