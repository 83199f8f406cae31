/** Why a registry did not give or take an image. `unreachable`: nobody answered, so a recipe may help. */
export type RegistryProblem = "unreachable" | "not-found" | "unauthorized" | "no-platform" | "failed";

/** Whose words an error shows. `proxy`: something on the way that is not the registry. `us`: we refuse what was answered. */
export type Speaker = "registry" | "token server" | "storage" | "proxy" | "network" | "us";

export interface FaultFacts {
  readonly speaker: Speaker;
  /** Whether the same request can succeed a little later. Absent: no. */
  readonly isTransient?: boolean;
  /** How long whoever spoke wants to be left alone. */
  readonly retryAfterMs?: number;
  /** Error codes of the distribution specification that the answer had. */
  readonly codes?: readonly string[];
}

/** Its message is the registry's part of the sentence, in the words of the real engine, with all that was answered. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";

  constructor(
    readonly problem: RegistryProblem,
    message: string,
    readonly facts: FaultFacts = { speaker: "us" },
  ) {
    super(message);
  }
}
