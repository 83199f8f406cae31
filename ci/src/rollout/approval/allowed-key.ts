import { matchesPatterns, type Signer } from "./allowed-signers.ts";
import { fingerprint, type SshKey } from "./ssh-key.ts";
import { MalformedError } from "./ssh-wire.ts";

/** The namespace of what signs for images: a signature for an approval or for git never passes for one. */
export const ATTESTATION_NAMESPACE = "slipway-attestation@v1";

/**
 * The lines of a list by which a key may sign for a namespace now.
 *
 * @param name whose key it has to be; undefined for anybody's
 * @throws MalformedError with the first thing that keeps it from that
 */
export function findAllowed(
  signers: readonly Signer[],
  key: SshKey,
  { name, namespace, nowMs, list }: { name: string | undefined; namespace: string; nowMs: number; list: string },
): readonly Signer[] {
  const named = signers.filter((signer) => signer.key.bytes.equals(key.bytes));
  if (named.length === 0) throw new MalformedError(`the key ${fingerprint(key)} is not in ${list}`);
  const own = named.filter(({ principals }) => name === undefined || matchesPatterns(name, principals));
  if (own.length === 0) throw new MalformedError(`the key ${fingerprint(key)} is not ${name}'s`);
  const called = name ?? own[0]?.principals[0] ?? fingerprint(key);
  const allowed = own.filter(({ namespaces }) => namespaces === null || matchesPatterns(namespace, namespaces));
  if (allowed.length === 0) throw new MalformedError(`the key of ${called} is not for ${namespace}`);
  const valid = allowed.filter(
    ({ validAfterMs, validBeforeMs }) => nowMs >= (validAfterMs ?? nowMs) && nowMs <= (validBeforeMs ?? nowMs),
  );
  if (valid.length === 0) throw new MalformedError(`the key of ${called} is not valid now`);
  return valid;
}
