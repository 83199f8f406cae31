import { createHash, verify } from "node:crypto";
import { readSshKey, type SshKey } from "./ssh-key.ts";
import { MalformedError, readBase64, WireReader, wireString } from "./ssh-wire.ts";

const MAGIC = "SSHSIG";
const HEADER = "-----BEGIN SSH SIGNATURE-----";
const FOOTER = "-----END SSH SIGNATURE-----";

/** Signatures are a few hundred bytes; an RSA key of 16384 bits makes about 4 KiB. */
const MAX_ARMOURED_CHARS = 16_384;

/** Flag of a security key: somebody touched it. */
const USER_PRESENT = 0x01;

/** A signature as `ssh-keygen -Y sign` makes it (OpenSSH PROTOCOL.sshsig), not yet verified. */
export interface SshSignature {
  readonly key: SshKey;
  readonly namespace: string;
  readonly reserved: Buffer;
  readonly hash: "sha256" | "sha512";
  readonly algorithm: "ssh-ed25519" | "sk-ssh-ed25519@openssh.com" | "rsa-sha2-512";
  readonly bytes: Buffer;
  /** Of a security key only. */
  readonly touch: { readonly flags: number; readonly counter: number } | undefined;
}

/**
 * Reads an armoured signature.
 *
 * @throws MalformedError when it is not one, or made in a way that is not accepted (SHA-1, RSA with SHA-256, ECDSA …).
 */
export function readSshSignature(armoured: string): SshSignature {
  if (armoured.length > MAX_ARMOURED_CHARS) throw new MalformedError("the signature is much too long");
  const lines = armoured.replaceAll("\r\n", "\n").trim().split("\n");
  if (lines[0] !== HEADER || lines.at(-1) !== FOOTER)
    throw new MalformedError(`expected the lines from ${HEADER} to ${FOOTER}`);
  const reader = new WireReader(readBase64(lines.slice(1, -1).join(""), "the signature"));
  if (reader.take(MAGIC.length).toString("latin1") !== MAGIC)
    throw new MalformedError(`the signature does not begin with ${MAGIC}`);
  const version = reader.uint32();
  if (version !== 1) throw new MalformedError(`the signature has version ${version}, not 1`);
  const key = readSshKey(reader.string());
  const namespace = reader.text();
  const reserved = reader.string();
  const hash = reader.text();
  const inner = new WireReader(reader.string());
  reader.end();
  if (hash !== "sha256" && hash !== "sha512")
    throw new MalformedError(`the hash ${hash} is not accepted; use sha512 or sha256`);
  const algorithm = inner.text();
  const expected = key.type === "ssh-rsa" ? "rsa-sha2-512" : key.type;
  if (algorithm !== expected)
    throw new MalformedError(
      `a signature by ${algorithm} is not accepted from a key of type ${key.type}; use ${expected}`,
    );
  const bytes = inner.string();
  const touch =
    algorithm === "sk-ssh-ed25519@openssh.com" ? { flags: inner.take(1)[0] ?? 0, counter: inner.uint32() } : undefined;
  inner.end();
  return { key, namespace, reserved, hash, algorithm, bytes, touch };
}

/** Did the signature's key sign exactly this message, for this namespace? Says nothing about whose key it is. */
export function verifySshSignature(signature: SshSignature, message: Buffer, namespace: string): boolean {
  if (signature.namespace !== namespace) return false;
  const signed = Buffer.concat([
    Buffer.from(MAGIC, "latin1"),
    wireString(signature.namespace),
    wireString(signature.reserved),
    wireString(signature.hash),
    wireString(createHash(signature.hash).update(message).digest()),
  ]);
  const { key, bytes, touch } = signature;
  if (key.type === "ssh-rsa") return verify("sha512", signed, key.key, padTo(bytes, key));
  if (bytes.length !== 64) return false;
  if (touch === undefined) return verify(null, signed, key.key, bytes);
  // A security key signs what the application and the touch were as well (PROTOCOL.u2f).
  if ((touch.flags & USER_PRESENT) === 0) return false;
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(touch.counter);
  const sha256 = (data: Buffer | string) => createHash("sha256").update(data).digest();
  const whole = Buffer.concat([sha256(key.application), Buffer.from([touch.flags]), counter, sha256(signed)]);
  return verify(null, whole, key.key, bytes);
}

/** An RSA signature may come without its leading zeros (RFC 8332); OpenSSL wants them. */
function padTo(bytes: Buffer, { key }: SshKey): Buffer {
  const length = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  return bytes.length >= length ? bytes : Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}
