import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Files of a server's certificate that no authority has signed. */
export interface OwnCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Makes a certificate for a day, `server.pem` with `server.key` in this folder.
 *
 * @param addresses that it is for
 * @throws Error with the words of openssl
 */
export function makeCertificate(folder: string, ...addresses: readonly string[]): OwnCertificate {
  const [certificate, key] = [join(folder, "server.pem"), join(folder, "server.key")];
  const names = addresses.map((address) => `IP:${address}`).join(",");
  const made = spawnSync("openssl", [
    "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "1", "-subj", "/CN=server",
    "-addext", `subjectAltName=${names}`, "-keyout", key, "-out", certificate,
  ]); // biome-ignore format: one command
  if (made.status !== 0) throw new Error(made.stderr.toString());
  return { certificate, key };
}
