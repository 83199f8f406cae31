import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

/** Under this name the command's script keeps `NODE_EXTRA_CA_CERTS` from Node, which would read the file at each start. */
const HELD_BACK = "SLIPWAY_EXTRA_CA_CERTS";
const NODES_OWN = "NODE_EXTRA_CA_CERTS";

/** The file that was kept from this process's Node; undefined when Node has read it itself. */
let heldBack: string | undefined;

/** Makes the environment what it was before the script has changed it: for all that reads it, and for what is started. */
export function putBackCertificates(env: NodeJS.ProcessEnv): void {
  heldBack = env[HELD_BACK];
  if (heldBack === undefined) return;
  env[NODES_OWN] = heldBack;
  delete env[HELD_BACK];
}

/**
 * Whom a connection by Node's own means has to trust, as its option `ca`; undefined where what Node knows is all. A file that cannot
 * be read is told as Node does it.
 */
export function trustedCertificates(): readonly string[] | undefined {
  if (heldBack === undefined) return undefined;
  try {
    return [...rootCertificates, readFileSync(heldBack, "utf8")];
  } catch (error) {
    process.emitWarning(`Ignoring extra certs from \`${heldBack}\`, load failed: ${(error as Error).message}`);
    return undefined;
  }
}
