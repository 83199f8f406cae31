/** Under this name the command's script keeps `NODE_EXTRA_CA_CERTS` from Node, which would read the file at each start. */
const HELD_BACK = "SLIPWAY_EXTRA_CA_CERTS";

/** Makes the environment what it was before the script has changed it: for all that reads it, and for what is started. */
export function putBackCertificates(env: NodeJS.ProcessEnv): void {
  const heldBack = env[HELD_BACK];
  if (heldBack === undefined) return;
  env["NODE_EXTRA_CA_CERTS"] = heldBack;
  delete env[HELD_BACK];
}
