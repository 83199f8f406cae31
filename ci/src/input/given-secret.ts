import { SlipwayError } from "../account.ts";

/** A Secret as Dagger gives it to a function: its value is looked up by whoever calls, and only when it is asked for. */
interface GivenSecret {
  plaintext(): Promise<string>;
}

/**
 * Makes sure that a Secret can be had, before anything else is done by it.
 *
 * @param argument as a person gives it: `--token`
 * @throws SlipwayError `bad-arguments` with the words of the engine when it cannot
 */
export async function requireSecret(argument: string, secret: GivenSecret | undefined): Promise<void> {
  try {
    await secret?.plaintext();
  } catch (error) {
    throw new SlipwayError("bad-arguments", {
      what: `${argument} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      where: "the arguments of the call, or their lines in .env",
      todo: `give ${argument} as file:PATH of an existing file, as env:VARIABLE of an exported variable, or as cmd:COMMAND`,
    });
  }
}
